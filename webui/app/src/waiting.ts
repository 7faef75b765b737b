// waiting.ts - the records that wait on this device: read from the store that all tabs share, added to, and sent.
//
// Each waits with the key of its draft and the account and site it was filled in under, so that a record whose answer was
// lost on the way is not made twice, nor under another name, nor at another branch that has the address by now.  When the
// node answers and the same account is logged in, they go in the order they were made, from one tab at a time.  One the node
// refuses stays here with the reason until its author mends or drops it; it never blocks the others.  What the node answers
// to one that it cannot take now is kept with it as well: `no answer` is said only of what got none.
//
// A node that takes nothing now says so before it looks whether a record is there already, whatever its reason.  So the press
// whose answer was lost may have come: the record waits, nobody knows whether it is at the branch, and it goes again; what a
// role may not send, after the next login, for each try is an event of the branch's log.
import { watch } from 'vue'
import { newKey, post, Refused, type Fault } from './api/client'
import type { Saved } from './api/shapes'
import { anyPressed, going } from './drafts'
import { keep, recall } from './keep'
import { nameOf, outbox, siteOf, waiting, type Told, type Waiting } from './outbox'
import { plain, transact } from './store'
import { hear, tell } from './tabs'
import { beforePage, onContact, likelyNow, site, who } from './site'

/** What is known of one and found no room in the store: of this page, until the store has room again. */
const known = new Map<string, Partial<Waiting>>()
const all = async (): Promise<Waiting[]> =>
  (await transact<Waiting[]>('outbox', 'readonly', (shelf, give) => { const r = shelf.getAll(); r.onsuccess = () => give(r.result as Waiting[]) }))
    .map((i) => ({ ...i, ...known.get(i.key) }))

const codeOf = (i: Waiting): string => siteOf(i.account).split('-')[0] || '?'

const ofRole = (faults: Fault[] | null | undefined): boolean => faults?.some((f) => f.rule === 'role') === true
/** As versions before left it: refused for good for its author's role. */
const unrefused = (i: Waiting): Waiting => (ofRole(i.faults) ? { ...i, faults: null, told: i.told ?? { faults: i.faults!, at_ms: i.at_ms } } : i)
const notBy = new Map<string, string>()          // the role that may not send it, of this login
const goes = (i: Waiting): boolean => !i.faults && notBy.get(i.key) !== (site.account?.role ?? '')

export async function freshOutbox(): Promise<void> {
  const account = who.value
  try {
    const there = await all()
    const items = account ? there.filter((i) => i.account === account).map(unrefused).sort((a, b) => a.at_ms - b.at_ms) : []
    if (account === who.value && JSON.stringify(items) !== JSON.stringify(outbox.items)) outbox.items = items
    const away = there.filter((i) => !i.sent && i.account !== account)
    const here = away.filter((i) => siteOf(i.account) === site.site?.id)
    const former = away.filter((i) => !here.includes(i) && codeOf(i) === String(site.site?.code))
    const counts = {
      elsewhere: away.filter((i) => !here.includes(i) && !former.includes(i)).map(codeOf), others: here.map((i) => nameOf(i.account)),
      former: former.map((i) => nameOf(i.account)), mineOfBefore: account ? former.filter((i) => nameOf(i.account) === nameOf(account)) : [],
    }
    const { elsewhere, others, former: gone, mineOfBefore } = outbox
    if (JSON.stringify(counts) !== JSON.stringify({ elsewhere, others, former: gone, mineOfBefore })) Object.assign(outbox, counts)
    outbox.unread = false
    keep('waits', there.some((i) => !i.sent) || await anyPressed() || going.size > 0)            // the next start fetches this file at once
  } catch {
    outbox.items = outbox.items.filter((i) => i.account === account)
    if (outbox.items.length || !recall('waits', false)) return
    outbox.unread = true
    if (account && !site.left.some((x) => !x.what)) site.left = [...site.left, { account, what: '', why: '', to: '/sync' }]
  }
}

async function changed(): Promise<void> {
  tell({ of: 'outbox' })
  await freshOutbox()
}

/** 'kept'; 'twice' when this key waits here with another content; 'no' when this device cannot keep it, and the form must stay. */
export async function saveHere(item: Omit<Waiting, 'at_ms' | 'faults'>, faults: Fault[] | null = null): Promise<'kept' | 'twice' | 'no'> {
  const made = plain<Waiting>({ ...item, at_ms: Date.now(), faults })
  try {
    const same = await transact<boolean>('outbox', 'readwrite', (shelf, give) => {
      const r = shelf.get(made.key)
      r.onsuccess = () => {
        const there = r.result as Waiting | undefined
        give(!there || JSON.stringify(there.body) === JSON.stringify(made.body) || there.faults !== null)
        if (!there || there.faults) shelf.put(made)
      }
    })
    await changed()
    void navigator.storage?.persist?.().catch(() => undefined)            // the browser shall not clear it away for room
    return same ? 'kept' : 'twice'
  } catch {
    return 'no'
  }
}

export async function drop(key: string): Promise<void> {
  await transact('outbox', 'readwrite', (shelf) => { shelf.delete(key) }).catch(() => undefined)
  await changed()
}

const DAY_MS = 86_400_000

/** Unless another tab dropped it meanwhile.  A full device keeps nobody's record from being sent. */
async function note(item: Waiting, change: Partial<Waiting>): Promise<void> {
  await transact('outbox', 'readwrite', (shelf) => {
    const r = shelf.get(item.key)
    r.onsuccess = () => { if (r.result) shelf.put(plain({ ...(r.result as Waiting), ...known.get(item.key), ...change })) }
  }).then(() => known.delete(item.key), () => known.set(item.key, { ...known.get(item.key), ...change }))
  await changed()
}

/** The login ended, or is another's, or has another role, the page is too old, too many at once, disk full: nothing is wrong with the record, so it waits. */
const notNow = (e: Refused): boolean =>
  e.status === 401
    || e.status === 429 || e.status >= 500
    || ['must_change_password', 'other_account', 'another_site', 'csrf', 'origin', 'role'].some((rule) => e.has(rule))

/** It cannot be taken now for a reason of its own: the next one may. */
const itsOwn = (e: unknown): boolean => e instanceof Refused && ['unheard', 'internal', 'role'].some((rule) => e.has(rule))

/** What it asks for stands at the branch: a press before did it, whose answer was lost, or a colleague. */
const isDone = (item: Waiting, e: unknown): boolean => item.kind === 'confirmation' && e instanceof Refused && e.has('already_confirmed')

/** How far this device's clock is ahead of the province's, as far as is known. */
const ahead = (): number => Date.now() - likelyNow()

function toldBy({ key, account }: Pick<Waiting, 'key' | 'account'>, e: Refused): Told {
  const role = e.has('role') ? (account === who.value && site.account?.role) || '' : undefined
  if (role) notBy.set(key, role)
  return { faults: e.faults, at_ms: Date.now(), off_ms: ahead(), role }
}

/** Refused when nobody saw its form any more: it comes back, or waits when nothing is wrong with it, as if it had been sent from here.
 *  `every`: no press of it went without an answer. */
export const cameBack = (item: Omit<Waiting, 'at_ms' | 'faults'>, e: Refused, every: boolean): ReturnType<typeof saveHere> =>
  saveHere({ ...item, told: { ...toldBy(item, e), every } }, notNow(e) ? null : e.faults)

async function sendOne(item: Waiting): Promise<void> {
  try {
    const made = await post<Saved>(item.path, item.body, item.key, item.account, Math.max(0, Date.now() - item.at_ms))
    await note(item, { sent: { id: made.id, no: made.no } })
  } catch (e) {
    const told = e instanceof Refused ? { ...toldBy(item, e), every: item.told?.every === true } : undefined
    if (isDone(item, e)) await note(item, { sent: { id: 0, no: null } })
    else if (told && !notNow(e as Refused)) await note(item, { faults: told.faults, told })
    else {
      if (told || item.told) await note(item, { told })
      if (!itsOwn(e)) throw e
    }
  }
}

async function sendMine(): Promise<void> {
  await freshOutbox()
  for (const item of waiting()) if (goes(item) && item.account === who.value) await sendOne(item)
  const old = outbox.items.filter((i) => i.sent && i.at_ms < Date.now() - DAY_MS)
  for (const item of old) await drop(item.key)
}

// One tab sends at a time.  Where the browser has no locks, a lease stands in the store: whoever closed it in the middle
// of a send loses it after LEASE_MS, and a record that is then sent twice is recognised by its key.
const LEASE_MS = 30_000
const me = newKey()

async function leased(work: () => Promise<void>): Promise<void> {
  const at = ['', 'sender']
  const take = (until: number): Promise<boolean> => transact<boolean>('last', 'readwrite', (shelf, give) => {
    const r = shelf.get(at)
    r.onsuccess = () => {
      const had = r.result as { owner: string; until: number } | undefined
      const free = !had || had.owner === me || had.until < Date.now() || had.until > Date.now() + LEASE_MS
      if (free) shelf.put({ account: '', name: 'sender', at: Infinity, owner: me, until })
      give(free)
    }
  })
  if (!await take(Date.now() + LEASE_MS)) return
  try { await work() } finally { await take(0).catch(() => undefined) }
}

async function alone(work: () => Promise<void>): Promise<void> {
  if (!navigator.locks) return leased(work)
  await navigator.locks.request('sunlit.outbox', { ifAvailable: true }, async (lock) => { if (lock) await work() })
}

let sending = false
export async function sendAll(): Promise<void> {
  if (sending || !site.account || site.other || !waiting().some(goes)) return
  sending = true
  try {
    await alone(sendMine)
  } catch {
    // the line broke, the login ended, or this device has no store: what is left waits for the next contact
  } finally {
    sending = false
  }
}

// A page that came with this file is shown with the list as it is.
let read: Promise<void> | null = null
beforePage.push(() => read ??= freshOutbox())
onContact(() => void sendAll())
hear((news) => { if (news.of === 'outbox') void freshOutbox() })
watch(who, () => {
  notBy.clear()
  outbox.items = outbox.items.filter((i) => i.account === who.value)
  void freshOutbox().then(() => (site.reach === 'up' ? sendAll() : undefined))
})
document.addEventListener('visibilitychange', () => { if (!document.hidden) void freshOutbox() })
