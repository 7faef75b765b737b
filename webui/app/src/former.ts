// former.ts - what the version before kept in localStorage is brought into the store, once: nothing that waited is lost.
import { newKey } from './api/client'
import { plain, transact } from './store'
import { siteOf, type Waiting } from './outbox'

const read = <T>(name: string): T | null => { try { return JSON.parse(localStorage.getItem(name) ?? 'null') as T | null } catch { return null } }

async function bringOutbox(): Promise<void> {
  const items = read<Waiting[]>('sunlit.outbox')
  if (Array.isArray(items) && items.length) {
    await transact('outbox', 'readwrite', (shelf) => {
      for (const item of items) {
        const r = shelf.get(item.key)
        // A page that was too old was told so; that is no fault of the record.
        r.onsuccess = () => { if (!r.result) shelf.put(plain({ ...item, faults: item.faults?.some((f) => f.rule === 'csrf') ? null : item.faults })) }
      }
    })
  }
  localStorage.removeItem('sunlit.outbox')
}

async function bringDrafts(account: string): Promise<void> {
  const prefix = `sunlit.draft.${account}.`
  for (const name of Object.keys(localStorage).filter((k) => k.startsWith(prefix))) {
    const id = name.slice(prefix.length)
    const fields = read<object>(name)
    if (fields && id !== 'password') {
      await transact('drafts', 'readwrite', (shelf) => {
        const r = shelf.get([account, id])
        r.onsuccess = () => { if (!r.result) shelf.put({ account, id, key: newKey(), fields, at_ms: Date.now() }) }
      })
    }
    localStorage.removeItem(name)
  }
}

/** Where what was kept under an account's name alone, or under a branch's code, belongs: to the site that this browser
 *  knew then (its code, or its id).  That is the one that answers only when it has the same code; another branch may have
 *  the address by now, and signs nothing that was not filled in there. */
export function homeOf(account: string, id: string, knew: string): string {
  const [name, at = knew] = account.split('@')
  return at ? `${name}@${id.split('-')[0] === at ? id : at}` : name!
}

/** False: something still waits for the branch of its code, or of no branch that is known; the next start looks again. */
export async function adopt(id: string, knew: string): Promise<boolean> {
  let all = true
  for (const shelf of ['outbox', 'drafts'] as const) {
    await transact(shelf, 'readwrite', (s) => {
      const r = s.openCursor()
      r.onsuccess = () => {
        if (!r.result) return
        const row = r.result.value as { account: string }
        const account = homeOf(row.account, id, knew)
        if (account !== row.account) {
          r.result.delete()
          s.put({ ...row, account })
        }
        if (!siteOf(account).includes('-')) all = false
        r.result.continue()
      }
    })
  }
  return all
}

export async function bring(account: string | null): Promise<void> {
  localStorage.removeItem('sunlit.draft..login')
  await bringOutbox()
  if (account) await bringDrafts(account)
}
