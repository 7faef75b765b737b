// drafts.ts - what was typed and not yet saved, of each account of each site, with the key under which it will be saved.
//
// The key belongs to the draft, not to the page that shows it: two tabs that show one draft make one record.  What was pressed
// and got no answer stays where it is: what another tab types meanwhile under a key of its own stands beside it, `id+key`, and
// is the form's once that is over.
import { newKey } from './api/client'
import { keep } from './keep'
import { outbox } from './outbox'
import { beforePage, who } from './site'
import { hear, tell } from './tabs'
import { ofAccount, plain, transact } from './store'

/** `pressed`: what was sent under this key and got no answer, each content once; `from`: what that was called, and where. */
export interface Draft {
  account: string; id: string; key: string; fields: object; pressed?: object | object[]; from?: { title: string; path: string } | undefined; at_ms: number
}

let mine = new Map<string, Draft>()       // as the store last had those of the account whose page this is
const at = (account: string, id: string): string => JSON.stringify([account, id])

/** The keys whose press is on its way from this tab. */
export const going = new Set<string>()
const isPressed = (d: Draft): boolean => [d.pressed ?? []].flat().length > 0
/** What got no answer is shown with what waits. */
function show(): void {
  const lost = [...mine.values()].filter((d) => d.account === who.value && isPressed(d))
  if (lost.length + outbox.pressed.length === 0) return
  outbox.pressed = lost.map((d) => d.key)
  outbox.unanswered = lost.filter((d) => !going.has(d.key)).map((d) => ({ key: d.key, title: '', path: '', ...d.from, at_ms: d.at_ms }))
}
/** Of anybody. */
export const anyPressed = (): Promise<boolean> => transact<boolean>('drafts', 'readonly', (shelf, give) => {
  const r = shelf.getAll()
  r.onsuccess = () => give((r.result as Draft[]).some(isPressed))
})

/** Before a page opens: what other tabs have typed meanwhile is there. */
async function freshDrafts(): Promise<void> {
  const account = who.value
  if (!account) { mine = new Map(); show(); return }
  try {
    const all = await transact<Draft[]>(
      'drafts', 'readonly', (shelf, give) => { const r = shelf.getAll(ofAccount(account)); r.onsuccess = () => give(r.result as Draft[]) }
    )
    if (account === who.value) mine = new Map(all.map((d) => [at(account, d.id), d]))
  } catch {
    for (const [name, d] of mine) if (d.account !== account) mine.delete(name)
  }
  show()
}

beforePage.push(freshDrafts)

const aside = (id: string, key: string): string => `${id}+${key}`
/** The one whose press got no answer, or what was typed last. */
export const draftOf = (account: string, id: string): Draft | undefined =>
  mine.get(at(account, id)) ?? [...mine.values()].filter((d) => d.account === account && d.id.startsWith(aside(id, ''))).sort((a, b) => b.at_ms - a.at_ms)[0]

/** Drafts of other acts upon the same row: `row#` and which. */
export const draftsBeside = (account: string, row: string, id: string): Draft[] =>
  [...mine.values()].filter((d) => d.account === account && d.id !== id && (d.id === row || d.id.startsWith(row + '#')))

export function keepDraft(account: string, id: string, key: string, fields: object, pressed: object[] = [], from?: Draft['from']): void {
  const draft: Draft = { account, id, key, fields: plain(fields), ...(pressed.length ? { pressed, from } : {}), at_ms: Date.now() }
  const place = (there: Draft | undefined): Draft => {
    const beside = there && there.key !== key && isPressed(there)
    const put = beside ? { ...draft, id: aside(id, key) } : draft
    mine.delete(at(account, aside(id, key)))
    mine.set(at(account, put.id), put)
    show()
    return put
  }
  place(mine.get(at(account, id)))
  transact('drafts', 'readwrite', (shelf) => {
    const r = shelf.get([account, id])
    r.onsuccess = () => { shelf.delete([account, aside(id, key)]); shelf.put(place(r.result as Draft | undefined)) }
  }).then(() => { if (pressed.length) keep('waits', true) }, () => undefined)          // so the next start looks
}

/** What was typed since a press that got no answer: a draft of its own, which is the form's once that is over. */
export function keepBeside({ account, id, fields }: Draft): void {
  const one = newKey(), what = JSON.stringify(fields)
  if ([...mine.values()].some((d) => d.account === account && d.id.startsWith(aside(id, '')) && JSON.stringify(d.fields) === what)) return
  const draft: Draft = { account, id: aside(id, one), key: one, fields: plain(fields), at_ms: Date.now() }
  mine.set(at(account, draft.id), draft)
  transact('drafts', 'readwrite', (shelf) => { shelf.put(draft) }).catch(() => undefined)
}

/** Only if it is still this one: a newer draft of another tab stays. */
export function dropDraft(account: string, id: string, key: string): void {
  if (mine.get(at(account, id))?.key === key) mine.delete(at(account, id))
  mine.delete(at(account, aside(id, key)))
  show()
  transact('drafts', 'readwrite', (shelf) => {
    shelf.delete([account, aside(id, key)])
    const r = shelf.get([account, id])
    r.onsuccess = () => { if ((r.result as Draft | undefined)?.key === key) shelf.delete([account, id]) }
  }).catch(() => undefined)
}

export const tellSaved = (account: string, key: string, fields: object): void => tell({ of: 'saved', account, key, fields: JSON.stringify(fields) })
export const hearSaved = (ear: (key: string, fields: string) => void): (() => void) => hear((news) => { if (news.of === 'saved') ear(news.key, news.fields) })
