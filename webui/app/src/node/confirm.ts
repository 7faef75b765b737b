// confirm.ts - one product confirmed, in the revision that was looked at: at the branch, or kept on this phone until the node
// answers.  'changed': the catalogue says something else by now, and nobody has looked at that.  One that this branch has made
// already is done: by the press before, whose answer was lost, or by a colleague.  `account`: whose press it is, as it was when it was pressed.
import { newKey, post, Refused, Unreachable } from '../api/client'
import { closedWindows, seasonWords, windowWords, type Season } from '../season'
import { saveHere } from '../waiting'
import { waiting, type Waiting } from '../outbox'
import { during } from '../stake'
import { ruleWords } from '../words/refusal'
import { wGoods } from '../words/goods'
import { w } from '../words'

export interface Seen { id: number; rev: number; name_zh: string }
export type Confirmed = { at: 'branch' } | { at: 'phone' } | { at: 'changed'; why: string } | { at: 'nowhere'; why: string }

/** That of a product which has not left this phone. */
export const waitingOf = (product: number): Waiting | undefined => waiting().find((i) => i.kind === 'confirmation' && i.body.product === product)

export const confirmProduct = (seen: Seen, account: string): Promise<Confirmed> => during(() => confirmed(seen, account))
async function confirmed(seen: Seen, account: string): Promise<Confirmed> {
  const there = waitingOf(seen.id)
  if (there && !there.faults && there.body.rev === seen.rev) return { at: 'phone' }
  const key = newKey()
  const body = { product: seen.id, rev: seen.rev }
  try {
    await post('confirmations', body, key, account)
    return { at: 'branch' }
  } catch (e) {
    if (e instanceof Refused && e.has('already_confirmed')) return { at: 'branch' }
    if (e instanceof Unreachable || (e instanceof Refused && e.has('unheard')))
      return await saveHere({ key, path: 'confirmations', body, title: seen.name_zh, kind: 'confirmation', account }) === 'no'
        ? { at: 'nowhere', why: w.fault.unreachable }
        : { at: 'phone' }
    if (e instanceof Refused)
      return { at: e.has('stale') ? 'changed' : 'nowhere', why: e.faults.map((f) => ruleWords(f.rule, f.params, f.text)).join(w.semicolon) }
    throw e
  }
}

/** When it is sold and when it must not be. */
export const months = (of: { seasons: Season[]; group: string }): string =>
  [
    seasonWords(of.seasons),
    ...closedWindows(of.seasons).map((s) => `${of.group === 'aquatic' ? wGoods.season.closedFish : wGoods.season.closed} ${windowWords(s)}`),
  ].join(w.semicolon)
