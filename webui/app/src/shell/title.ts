// title.ts - v-title on the h1 of a page: names the browser's tab after it and takes the focus there when the page
// was reached by a link, so that a screen reader and a keyboard begin at the new page.
import type { Directive } from 'vue'
import { site } from '../site'
import { named, w } from '../words'

let navigated = false
export const afterNavigation = (): void => { navigated = true }

function name(text: string): void {
  const place = site.site ? named(site.site) : ''
  document.title = [text.trim(), w.product].filter(Boolean).join('·') + (place ? `·${place}` : '')
}

export const vTitle: Directive<HTMLElement, string | undefined> = {
  mounted(el, binding) {
    if (el.tagName !== 'H1') return
    name(binding.value ?? el.textContent ?? '')
    el.tabIndex = -1
    if (navigated) {
      navigated = false
      el.focus({ preventScroll: true })
    }
  },
  updated(el, binding) {
    if (el.tagName === 'H1') name(binding.value ?? el.textContent ?? '')
  },
}
