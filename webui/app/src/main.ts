// main.ts - settles the settings, asks who and where we are, fetches the face that fits, and starts.
import { createApp, h, watch } from 'vue'
import { createRouter, createWebHistory, type RouteLocationNormalized, type RouteRecordRaw, type Router, type RouterScrollBehavior } from 'vue-router'
import './style/tokens.css'
import './style/base.css'
import './style/frame.css'
import App from './shell/App.vue'
import { afterNavigation } from './shell/title'
import { applySettings } from './settings'
import { askStatus, beforePage, isHub, loadSession, site, watchStatus } from './site'
import { spoken } from './words/speak'
import type { Face } from './shell/face'
import { listsThere } from './place'
import { keep, recall } from './keep'
import { atStake } from './stake'
import { within } from './within'

type ScrollerPosition = Awaited<ReturnType<RouterScrollBehavior>>

const shared: RouteRecordRaw[] = [
  { path: '/login', name: 'login', component: () => import('./shell/Login.vue'), meta: { open: true, bare: true } },
  { path: '/password', name: 'password', component: () => import('./shell/Password.vue'), meta: { menu: 'me' } },
  { path: '/:lost(.*)*', name: 'lost', component: () => import('./shell/Lost.vue') },
]

/** The pages may be fetched anew. */
const free = (): boolean => site.reach === 'up' && !atStake()
function guard(router: Router): void {
  router.beforeEach((to, from) => {
    // Newer pages are fetched whole: drafts and what waits are kept, and what is on this page alone is waited for.
    if (site.newer && from.matched.length && free()) { location.assign(within(to.fullPath)); return false }
    if (to.meta.open) return site.account && !site.account.must_change ? { path: '/', replace: true } : true
    if (!site.account) return { path: '/login', query: to.fullPath === '/' ? {} : { to: to.fullPath } }
    if (site.account.must_change && to.name !== 'password') return '/password'
    return true
  })
  router.beforeResolve(async () => { await Promise.all([spoken(), ...beforePage.map((ready) => ready())]) })
  router.afterEach((_to, from, failure) => {
    if (failure) return
    site.unfetched = null
    if (from.matched.length) afterNavigation()
  })
  router.onError((error, to) => { if (/import|module|fetch|load/i.test(String(error))) void lostChunk(to.fullPath) })
  watch(free, (well) => { if (well && site.unfetched) void router.push(site.unfetched) })
}

const AGAIN_MS = 60_000
let goingSince = 0
/** The code of a page could not be fetched.  The node is asked first whether it is there: when it is, it was upgraded and
 *  the old names are gone, so everything is loaded anew, once nothing is on its way or shown here alone; until then, and when
 *  it is not there, nobody leaves, and the page says which of the two it is in place. */
async function lostChunk(path: string): Promise<void> {
  await askStatus()
  const loadedMs = Number(sessionStorage.getItem('sunlit.reloaded') ?? 0)
  if (free() && Date.now() - loadedMs > AGAIN_MS && !goingSince) {
    goingSince = Date.now()
    sessionStorage.setItem('sunlit.reloaded', String(goingSince))
    location.assign(within(path))
  } else {
    site.unfetched = path
    site.newer ||= site.reach === 'up'
  }
}

/** Back where it was, once the rows are there to scroll past; a link begins at the top. */
async function scrollTo(to: RouteLocationNormalized, from: RouteLocationNormalized, saved: { left: number; top: number } | null): Promise<ScrollerPosition> {
  const top = saved ?? (typeof history.state?.top === 'number' ? { top: history.state.top as number } : null)
  if (!top && to.hash) return { el: to.hash }
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
  const later = (): void => { setTimeout(() => { import('./later').then(({ afterwards }) => afterwards(router)).catch(() => undefined) }, LATER_MS) }
  if (document.readyState === 'complete') later()
  else addEventListener('load', later)
}
const LATER_MS = 1500                             // what the first page needs comes first

function watchLogin(router: Router): void {
  watch(() => site.account, (account) => {
    const at = router.currentRoute.value
    if (!account && !at.meta.open) void router.replace({ path: '/login', query: { to: at.fullPath } })
  })
}

async function boot(): Promise<void> {
  await Promise.all([applySettings(), loadSession()])
  while (!site.site) await import('./shell/no-answer').then(({ firstAnswer }) => firstAnswer(), () => new Promise((ok) => setTimeout(ok, 5000)))
  await bringWaiting()
  const { default: face } = isHub.value ? await import('./hub/face') : await import('./node/face')
  await spoken()
  start(face)
}

/** A browser in which no version has kept anything: what brings it over is not fetched. */
async function untouched(): Promise<boolean> {
  return typeof indexedDB.databases === 'function' && !(await indexedDB.databases()).some((d) => d.name === 'sunlit')
}

/** What waits on this device is there with the first page; the code for it comes only when something waits. */
async function bringWaiting(): Promise<void> {
  try {
    const former = Object.keys(localStorage).some((k) => k === 'sunlit.outbox' || k.startsWith('sunlit.draft.'))
    if (former) await (await import('./former')).bring(site.account?.name ?? null)
    if (site.site?.id && (former || !recall('sited', false))) {
      keep('sited', (!former && await untouched()) || await (await import('./former')).adopt(site.site.id, recall('knew', '')))
    }
    if (former || recall('waits', false)) await (await import('./waiting')).freshOutbox()
  } catch {
    // it stays where it is, for the next time
  }
}

void boot()
