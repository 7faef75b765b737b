// outbox.ts - records saved on this phone because the node did not answer: 已存本机.
//
// Each waits with the Idempotency-Key of its form, so that a record whose answer was lost on the way is not made
// twice.  When the node answers and the same account is logged in, they go in the order they were made.  One the
// node refuses stays here with the reason until its author mends or drops it; it never blocks the others.
import { reactive } from 'vue'
import { post, Refused, Unreachable, type Fault } from './api/client'
import type { Saved } from './api/shapes'
import { keep, recall } from './keep'
import { onContact, site } from './site'

export interface Waiting {
  key: string
  path: string
  body: Record<string, unknown>
  title: string
  kind: 'price' | 'evaluation' | 'proposal' | 'confirmation'
  account: string
  at_ms: number
  faults: Fault[] | null
  sent?: { id: number; no: string | null }
}

export const outbox = reactive<{ items: Waiting[] }>({ items: recall<Waiting[]>('outbox', []) })
const write = (): boolean => keep('outbox', outbox.items)

export const waiting = (): Waiting[] => outbox.items.filter((i) => i.account === site.account?.name && !i.sent)

/** False when this device cannot keep anything: the form then stays open and says so. */
export function saveHere(item: Omit<Waiting, 'account' | 'at_ms' | 'faults'>): boolean {
  const made: Waiting = { ...item, account: site.account?.name ?? '', at_ms: Date.now(), faults: null }
  outbox.items = [...outbox.items.filter((i) => i.key !== item.key), made]
  if (write()) return true
  outbox.items = outbox.items.filter((i) => i.key !== item.key)
  return false
}

export function drop(key: string): void {
  outbox.items = outbox.items.filter((i) => i.key !== key)
  write()
}

/** The login ended, too many at once, disk full: nothing is wrong with the record, so it waits. */
const notNow = (e: Refused): boolean => e.status === 401 || e.status === 429 || e.status >= 500 || e.has('must_change_password')

async function sendOne(item: Waiting): Promise<void> {
  try {
    const made = await post<Saved>(item.path, item.body, item.key)
    item.sent = { id: made.id, no: made.no }
  } catch (e) {
    if (e instanceof Unreachable) throw e
    if (e instanceof Refused && notNow(e)) throw e
    item.faults = e instanceof Refused ? e.faults : [{ rule: 'unknown', text: String(e) }]
  }
  write()
}

let sending = false
async function sendAll(): Promise<void> {
  if (sending || !site.account) return
  sending = true
  try {
    for (const item of waiting()) if (!item.faults) await sendOne(item)
    const before = Date.now() - 86_400_000
    outbox.items = outbox.items.filter((i) => !i.sent || i.at_ms > before)
    write()
  } catch {
    // the line broke or the login ended: what is left waits for the next contact
  } finally {
    sending = false
  }
}

onContact(() => void sendAll())
