// later.ts - what is done once the first page stands: the worker, the code of the other pages, and a look whether the
// program has newer pages than these.
import { watch } from 'vue'
import type { Router } from 'vue-router'
import { checkSession } from './leave'
import { site } from './site'
import { hear, tell } from './tabs'
import { spoken } from './words/speak'
import './waiting'
import './last'
import { trust } from './trust'

const LOOK_MS = 30 * 60_000
const own = document.querySelector<HTMLScriptElement>('script[type=module][src]')?.src

/** The name of the first script holds a digest of all the others. */
async function lookForNewer(): Promise<void> {
  if (!own || site.reach !== 'up' || document.hidden) return
  try {
    const answer = await fetch('/', { cache: 'no-store', credentials: 'same-origin' })
    const script = answer.ok ? /<script[^>]+src="([^"]+)"/.exec(await answer.text())?.[1] : undefined
    if (script) site.newer = new URL(script, location.href).href !== own
  } catch {
    // it is asked again
  }
}

/** With the worker everything is on the device; without it the code of the pages is fetched while there is time. */
async function fetchPages(router: Router): Promise<void> {
  if ((navigator as { connection?: { saveData?: boolean } }).connection?.saveData) return
  for (const route of router.getRoutes()) {
    const page = route.components?.default
    const roles = route.meta.roles
    if (typeof page !== 'function' || (roles && !roles.includes(site.account?.role ?? ''))) continue
    if (site.reach !== 'up') return
    try { await (page as () => Promise<unknown>)() } catch { return }
  }
}

/** What is seldom said, with its words: when it is to be said, its code may be gone. */
const sayable = (): Promise<unknown> =>
  Promise.all([import('./shell/Aside.vue'), import('./shell/Forbidden.vue'), import('./shell/Trouble.vue')]).then(spoken).catch(() => undefined)

async function work(): Promise<void> {
  if (!('serviceWorker' in navigator) || import.meta.env.DEV) { trust.state = 'none'; return }
  try {
    const worker = await navigator.serviceWorker.register('/sw.js', { updateViaCache: 'none' })
    setInterval(() => { if (site.reach === 'up') worker.update().catch(() => undefined) }, LOOK_MS)
    await navigator.serviceWorker.ready
    trust.state = 'held'
  } catch {
    if (site.reach === 'up') trust.state = 'refused'      // the browser has no faith in this certificate
  }
}

export async function afterwards(router: Router): Promise<void> {
  hear((news) => { if (news.of === 'session') void checkSession() })
  watch(() => site.account?.name, () => tell({ of: 'session' }))
  void work()
  await sayable()
  setInterval(() => void lookForNewer(), LOOK_MS)
  watch(() => site.reach, (reach, before) => { if (reach === 'up' && before === 'down') void lookForNewer() })
  document.addEventListener('visibilitychange', () => void lookForNewer())
  watch(() => site.account?.role, (role) => { if (role) void fetchPages(router) })
  await fetchPages(router)
}
