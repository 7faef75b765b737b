// site.ts - where we are and who we are: the site (node or hub), the account, and the state of the line, asked for
// every few seconds while somebody is looking.  Everything the header shows comes from here.
import { computed, reactive, watch } from 'vue'
import { get, listen, speakAs, Unreachable } from './api/client'
import type { Session, Site, Account, Status } from './api/shapes'
import { keep, recall } from './keep'

const EVERY_MS = 5000
const STATUS_PATIENCE_MS = 4000

interface State {
  site: Site | null
  account: Account | null
  status: Status | null
  reach: 'unknown' | 'up' | 'down'      // from this device to the node or the hub
  reachSinceMs: number
  checkedMs: number                     // our own clock at the last answer
  skewMs: number                        // the server's clock minus ours
  ended: boolean                        // the login ended while the page was open
  tick: number
}

export const site = reactive<State>({
  site: null, account: null, status: null, reach: 'unknown', reachSinceMs: Date.now(), checkedMs: 0, skewMs: 0, ended: false, tick: 0,
})

watch(() => site.account?.name ?? null, speakAs, { flush: 'sync' })

export const isHub = computed(() => site.site?.kind === 'hub')
export const code = computed(() => String(site.site?.code ?? ''))
/** Now by the server's clock: a phone with a wrong clock still says "yesterday" where the branch would. */
export const now = (): number => (site.tick, Date.now() + site.skewMs)
export const may = (...roles: string[]): boolean => site.account !== null && roles.includes(site.account.role)

function reached(answered: boolean): void {
  const to = answered ? 'up' : 'down'
  if (site.reach !== to) {
    site.reach = to
    site.reachSinceMs = Date.now()
  }
  if (answered) site.checkedMs = Date.now()
}

listen((status) => {
  reached(status !== 0)
  if (status === 401 && site.account) {
    site.account = null
    site.ended = true
  }
})

export async function loadSession(): Promise<void> {
  try {
    const session = await get<Session>('session')
    site.site = session.site
    site.account = session.account
    keep('site', session.site)
    keep('account', session.account)
  } catch (e) {
    if (!(e instanceof Unreachable)) throw e
    // The program was there before: its pages open from what the browser kept, and say that it does not answer.
    site.site = recall<Site | null>('site', null)
    site.account = recall<Account | null>('account', null)
  }
}

let after: (() => void)[] = []
/** Runs each time the node answers a status request: the outbox sends what waits. */
export const onContact = (work: () => void): void => { after.push(work) }

let asking = false
export async function askStatus(): Promise<void> {
  if (asking) return
  asking = true
  try {
    const status = await get<Status>('status', undefined, STATUS_PATIENCE_MS)
    site.status = status
    site.skewMs = status.now_ms - Date.now()
    for (const work of after) work()
  } catch {
    // listen() has already recorded that nothing answered; a refusal of status has no meaning of its own
  } finally {
    asking = false
    site.tick++
  }
}

export function watchStatus(): void {
  setInterval(() => { if (!document.hidden) void askStatus() }, EVERY_MS)
  document.addEventListener('visibilitychange', () => { if (!document.hidden) void askStatus() })
  addEventListener('online', () => void askStatus())
  void askStatus()
}
