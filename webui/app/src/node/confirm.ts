// confirm.ts - one product confirmed: at the branch, or kept on this phone until the node answers.
import { newKey, post, Refused, Unreachable } from '../api/client'
import { saveHere } from '../waiting'
import { who } from '../site'
import { ruleWords } from '../words/refusal'
import { w } from '../words'

export type Confirmed = { at: 'branch' } | { at: 'phone' } | { at: 'nowhere'; why: string }

export async function confirmProduct(product: number, title: string): Promise<Confirmed> {
  const key = newKey()
  const body = { product }
  try {
    await post('confirmations', body, key)
    return { at: 'branch' }
  } catch (e) {
    if (e instanceof Unreachable) return await saveHere({ key, path: 'confirmations', body, title, kind: 'confirmation', account: who.value ?? '' }) === 'no' ? { at: 'nowhere', why: w.fault.unreachable } : { at: 'phone' }
    if (e instanceof Refused) return { at: 'nowhere', why: e.faults.map((f) => ruleWords(f.rule, f.params, f.text)).join(w.semicolon) }
    throw e
  }
}
