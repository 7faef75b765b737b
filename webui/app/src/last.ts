// last.ts - the last answer of each address, of each account, kept on this device with its time: what the pages show, with
// its age, while the node does not answer.  It goes when the account logs out or another logs in.
import { transact } from './store'

export interface Last { data: unknown; at: number }
interface Row extends Last { account: string; name: string }

const KEPT = 150
const AGAIN_MS = 20_000                        // a page that looks every few seconds need not wear the flash out
const PRIVATE = /^\["(audit|accounts|sessions|entries|withholding)/     // the trail is for who is logged in, and reading it is recorded
const written = new Map<string, number>()

export function keepLast(account: string | undefined, name: string, data: unknown): void {
  const now = Date.now()
  if (!account || PRIVATE.test(name) || Math.abs(now - (written.get(name) ?? 0)) < AGAIN_MS) return      // a clock that was put back is another time
  written.set(name, now)
  transact('last', 'readwrite', (shelf) => {
    shelf.put({ account, name, data, at: now } satisfies Row)
    const count = shelf.count()
    count.onsuccess = () => {
      let over = count.result - KEPT
      if (over <= 0) return
      const oldest = shelf.index('at').openCursor()
      oldest.onsuccess = () => { if (oldest.result && over-- > 0) { oldest.result.delete(); oldest.result.continue() } }
    }
  }).catch(() => undefined)
}

export const lastOf = (account: string | undefined, name: string): Promise<Last | undefined> =>
  account
    ? transact<Last | undefined>(
      'last', 'readonly', (shelf, give) => { const r = shelf.get([account, name]); r.onsuccess = () => give(r.result as Last | undefined) }
    ).catch(() => undefined)
    : Promise.resolve(undefined)

/** Of everybody but this account. */
export async function forgetLast(but: string | null): Promise<void> {
  written.clear()
  await transact('last', 'readwrite', (shelf) => {
    if (but === null) { shelf.clear(); return }
    shelf.delete(IDBKeyRange.upperBound([but], true))
    shelf.delete(IDBKeyRange.lowerBound([but, []], true))
  }).catch(() => undefined)
}
