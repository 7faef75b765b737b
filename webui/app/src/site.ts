// site.ts - where we are and who we are: the site (node or hub), the account, and the state of the line, asked for
// every few seconds while somebody is looking.  Everything the header shows comes from here.
import { computed, reactive, watch } from 'vue'
import { get, listen, listenElsewhere, post, speakAs, Unreachable } from './api/client'
import type { Account, Ended, Session, Site, Status } from './api/shapes'
import { forget, keep, recall } from './keep'
import type { Left } from './left'
import { whenFree } from './stake'

const EVERY_MS = 5000
const STATUS_PATIENCE_MS = 4000
const START_PATIENCE_MS = 3000          // a page that was here before opens from what is kept

interface State {
  site: Site | null
  account: Account | null
  status: Status | null
  reach: 'unknown' | 'up' | 'down'      // from this device to the node or the hub
  reachSinceMs: number
  checkedMs: number                     // our own clock at the last answer
  skewMs: number                        // the server's clock minus ours, as this device last knew it: kept for a page that opens while nothing answers
  ended: boolean                        // the login ended while the page was open
  endedBy: Ended | null        // ... and why, when this very session is told
  other: string | null                  // whose session the browser has now, when it is not this page's
  newer: boolean                        // the program has newer pages than these
  unfetched: string | null              // a page that was asked for and cannot be fetched yet
  left: Left[]                          // what became of presses whose page was left, until it was read
  tick: number
}

export const site = reactive<State>({
  site: null, account: null, status: null, reach: 'unknown', reachSinceMs: Date.now(), checkedMs: 0, skewMs: recall('skew', 0), ended: false,
  endedBy: null, other: null, newer: false, unfetched: null, left: [], tick: 0,
})

/** An account of this site: the same address may be another branch's tomorrow, with an account of the same name. */
const owner = (account: Account | null | undefined, at: Site | null | undefined): string | null =>
  (account ? at?.id ? `${account.name}@${at.id}` : account.name : null)
/** Whose page this is, as what is kept on this device is named, and what the server compares. */
export const who = computed(() => owner(site.account, site.site))
watch(who, speakAs, { flush: 'sync' })
watch(() => site.skewMs, (ms) => keep('skew', ms), { flush: 'sync' })
listenElsewhere(() => whenFree(() => location.reload()))
// Who is logged out is not shown again by a page that opens while nothing answers.
watch(() => site.account, (account) => { keep('account', account); if (account) forget('left') })

/** The line from here to the province, as the node knows it; null when it is not known now. */
export const line = computed(() => (site.reach === 'up' ? site.status?.link ?? null : null))
/** The province takes nothing of this branch until a person has acted: null, or the rule, such as `revoked`. */
export const held = computed(() => { const l = line.value; return l?.stall && (l.state !== 'up' || l.stall === 'revoked') ? l.stall : null })
/** What has not come from the province, so that nobody knows whether there is any: null, `catalogue`, or `history`, the branch's own records. */
export const unheard = computed(() => site.status?.unheard ?? null)
export const isHub = computed(() => site.site?.kind === 'hub')
export const code = computed(() => String(site.site?.code ?? ''))
/** Now by the server's clock: a phone with a wrong clock still says "yesterday" where the branch would. */
export const now = (): number => (site.tick, Date.now() + site.skewMs)
/** The time it is: by the node's clock, or less what that is off from the province's where this device stands nearer to that. */
export function likelyNow(): number {
  const here = now(), there = here - (site.status?.trouble?.off_ms ?? 0)
  return Math.abs(Date.now() - there) < Math.abs(Date.now() - here) ? there : here
}
export const may = (...roles: string[]): boolean => site.account !== null && roles.includes(site.account.role)

function reached(answered: boolean): void {
  const to = answered ? 'up' : 'down'
  if (site.reach !== to) {
    site.reach = to
    site.reachSinceMs = Date.now()
  }
  if (answered) site.checkedMs = Date.now()
}

export function endSession(by: string | null = null): void {
  site.account = null
  site.ended = true
  site.endedBy = by === 'role_changed' || by === 'password_reset' ? by : null
  site.other = null
}

listen((status, told) => {
  reached(status !== 0)
  if (!told) return
  if (status === 401 && site.account) endSession(told.rule)
  else site.other = site.account && told.other
})

/** Logged out here while nothing answered: the session that is still open at the other end is closed first. */
async function closeLeft(session: Session): Promise<void> {
  const left = recall<string | null>('left', null)
  if (left && owner(session.account, session.site) === left) {
    await post('logout', {}, undefined, left)
    session.account = null
  }
  forget('left')
}

/** Before anything else is done when the other end answers: the session that a tab of this browser left meanwhile is
 *  closed, and this tab, when it did not hear of it, ends too. */
export function endLeft(): boolean {
  const left = recall<string | null>('left', null)
  if (!left) return false
  if (who.value === left) endSession()
  return true
}

/** The site this browser knew before it kept things by site, written down once, before the one that answers takes its place. */
function knewSite(): boolean {
  const had = recall<Site | null>('site', null)
  return recall<string | null>('knew', null) !== null || keep('knew', had ? had.id ?? String(had.code) : '')
}

/** As the other end has said it, to a login too. */
export async function takeSession(session: Session): Promise<void> {
  const former = owner(recall<Account | null>('account', null), recall<Site | null>('site', null)), now = owner(session.account, session.site)
  if (former && now && former !== now) await (await import('./last')).forgetLast(now)
  site.site = session.site
  site.account = session.account
  site.other = null
  if (!session.account && session.ended) endSession(session.ended)
  if (knewSite()) keep('site', session.site)
  keep('account', session.account)
}

export async function loadSession(): Promise<void> {
  try {
    const session = await get<Session>('session', undefined, recall('site', null) ? START_PATIENCE_MS : undefined)
    await closeLeft(session)
    await takeSession(session)
  } catch (e) {
    if (!(e instanceof Unreachable)) throw e
    // The program was there before: its pages open from what the browser kept, and say that it does not answer.
    site.site = recall<Site | null>('site', null)
    site.account = recall<Account | null>('account', null)
  }
}

/** Awaited before a page is shown, by code that came with it too. */
export const beforePage: (() => Promise<void>)[] = []

let after: (() => void)[] = []
/** Runs each time the node answers a status request: the outbox sends what waits. */
export const onContact = (work: () => void): void => { after.push(work) }

let asking: Promise<void> | null = null
/** Resolves when it is known whether the other end answers now. */
export function askStatus(): Promise<void> {
  return asking ??= askNow()
}

async function askNow(): Promise<void> {
  try {
    const status = await get<Status>('status', undefined, STATUS_PATIENCE_MS)
    if (endLeft()) await closeLeft(await get<Session>('session'))
    site.status = status
    site.skewMs = status.now_ms - Date.now()
    for (const work of after) work()
  } catch {
    // listen() has already recorded that nothing answered; a refusal of status has no meaning of its own
  } finally {
    asking = null
    site.tick++
  }
}

export function watchStatus(): void {
  setInterval(() => { if (!document.hidden) void askStatus() }, EVERY_MS)
  document.addEventListener('visibilitychange', () => { if (!document.hidden) void askStatus() })
  addEventListener('online', () => void askStatus())
  void askStatus()
}
