// face.ts - what a face of the application (node or hub) brings: its menu, its routes, its home.
import type { RouteRecordRaw } from 'vue-router'

export interface MenuEntry {
  name: string
  to: string
  icon: string
  label: () => string
  roles?: string[]
  only?: 'only-phone' | 'only-desk'
}

export interface Face {
  menu: MenuEntry[]
  routes: RouteRecordRaw[]
  wide: boolean
}

/** What a route says of itself. */
declare module 'vue-router' {
  interface RouteMeta {
    menu?: string            // the menu entry it belongs to
    acts?: boolean           // its actions lie at the thumb on a phone, in place of the menu
    open?: boolean           // needs no login
    bare?: boolean           // no header (login)
    roles?: string[]
    stay?: boolean           // a list and what is chosen in it are one page
  }
}
