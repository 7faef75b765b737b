// withheld.ts - the words about records that were withheld by law, their rules among them: those come with these pages.
import { Refused } from '../api/client'
import zh from './withheld.zh'
import { bilingual } from './speak'

export const h = bilingual(zh, () => import('./withheld.en'))

/** The same promise; when it is refused under one of these rules, the refusal speaks the page's language. */
export async function spoken<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (e) {
    if (e instanceof Refused) for (const f of e.faults) f.text = h.rules[f.rule] ?? f.text
    throw e
  }
}
