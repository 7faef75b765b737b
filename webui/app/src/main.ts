// main.ts - settles the settings, asks who and where we are, fetches the face that fits, and starts.
import { createApp, h, watch } from 'vue'
import { createRouter, createWebHistory, type RouteLocationNormalized, type RouteRecordRaw, type Router, type RouterScrollBehavior } from 'vue-router'
import './style/tokens.css'
import './style/base.css'
import './style/parts.css'
import './style/login.css'
import './style/app.css'
import App from './shell/App.vue'
import NoAnswer from './shell/NoAnswer.vue'
import { afterNavigation } from './shell/title'
import { applySettings } from './settings'
import { loadSession, site, watchStatus } from './site'
import { spoken } from './words/speak'
import type { Face } from './shell/face'
import { listsThere } from './list'
import './outbox'

type ScrollerPosition = Awaited<ReturnType<RouterScrollBehavior>>

const shared: RouteRecordRaw[] = [
  { path: '/login', name: 'login', component: () => import('./shell/Login.vue'), meta: { open: true, bare: true } },
  { path: '/password', name: 'password', component: () => import('./shell/Password.vue'), meta: { menu: 'me' } },
  { path: '/:lost(.*)*', name: 'lost', component: () => import('./shell/Lost.vue') },
]

function guard(router: Router): void {
  router.beforeEach((to) => {
    if (to.meta.open) return site.account && !site.account.must_change ? { path: '/', replace: true } : true
    if (!site.account) return { path: '/login', query: to.fullPath === '/' ? {} : { to: to.fullPath } }
    if (site.account.must_change && to.name !== 'password') return '/password'
    return true
  })
  router.beforeResolve(async () => { await spoken() })
  router.afterEach((_to, from, failure) => { if (!failure && from.matched.length) afterNavigation() })
  // A page that was never fetched cannot be opened while the node is silent: stay where we are and let the chip speak.
  router.onError((error, to) => { if (/import|module|fetch/i.test(String(error))) lostChunk(to.fullPath) })
}

/** After an upgrade the old names are gone from the server: load the new ones once. */
function lostChunk(path: string): void {
  if (site.reach === 'up' && sessionStorage.getItem('sunlit.reloaded') !== path) {
    sessionStorage.setItem('sunlit.reloaded', path)
    location.assign(path)
  }
}

/** Back where it was, once the rows are there to scroll past; a link begins at the top. */
async function scrollTo(to: RouteLocationNormalized, from: RouteLocationNormalized, saved: { left: number; top: number } | null): Promise<ScrollerPosition> {
  const top = saved ?? (typeof history.state?.top === 'number' ? { top: history.state.top as number } : null)
  if (!top) return to.path === from.path ? false : { top: 0 }
  await listsThere()
  return top
}

function start(face: Face): void {
  const router = createRouter({
    history: createWebHistory(),
    routes: [...face.routes, ...shared],
    scrollBehavior: scrollTo,
  })
  guard(router)
  const app = createApp({ render: () => h(App, { face }) })
  app.use(router).mount('#app')
  watchStatus()
  watchLogin(router)
}

function watchLogin(router: Router): void {
  watch(() => site.account, (account) => {
    const at = router.currentRoute.value
    if (!account && !at.meta.open) void router.replace({ path: '/login', query: { to: at.fullPath } })
  })
}

async function boot(): Promise<void> {
  await Promise.all([applySettings(), loadSession()])
  if (!site.site) {
    const app = createApp({ render: () => h(NoAnswer, { onAgain: () => location.reload() }) })
    app.mount('#app')
    setTimeout(() => location.reload(), 15_000)
    return
  }
  const { default: face } = site.site.kind === 'hub' ? await import('./hub/face') : await import('./node/face')
  await spoken()
  start(face)
}

void boot()
