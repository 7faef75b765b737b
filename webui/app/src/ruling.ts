// ruling.ts - what the province said of a record, in words: why, of which value, and who or what judged it.
import { money } from './figures'
import { moment } from './format'
import { now } from './site'
import { wFields } from './words/fields'
import { w } from './words'
import { ruleWords } from './words/rules'
import { wSync } from './words/sync'

export interface Ruled {
  rule: string; detail: Record<string, string | number | null>; at_ms: number; subject_table: string; rule_title?: string; which?: string | null;
  by?: string
}

/** A person of the province read it, and says why. */
export const judged = (r: Ruled): boolean => r.rule === 'price_judged'
export const ofPrice = (r: Ruled): boolean => r.subject_table === 'price' && r.rule.startsWith('price_')
export const valueOf = (r: Ruled): number => Number(r.detail.price_fen ?? r.detail.value ?? 0)

export const rulingWhy = (r: Ruled): string =>
  (r.subject_table === 'entry' && r.rule_title ? r.rule_title
    : judged(r) ? ruleWords('price_judged') : ofPrice(r) ? wSync.outlier : r.rule.startsWith('quarantine') ? wSync.quarantine
    : ruleWords(r.rule, {}, wSync.otherRule))

export function rulingWhich(r: Ruled): string {
  const median = Number(r.detail.median_fen ?? 0)
  if (ofPrice(r) && median) return wSync.outlierWhich(money(valueOf(r)), money(median), '')
  if (r.which) return r.which
  const field = String(r.detail.field ?? '')
  return field ? `${wFields[field] ?? field}${w.colon}${r.detail.value ?? ''}` : ''
}

export const rulingBy = (r: Ruled): string =>
  (judged(r) ? wSync.byPerson(String(r.detail.by ?? ''), moment(r.at_ms, now()))
    : ofPrice(r) || !r.by ? wSync.byAuto(moment(r.at_ms, now()))
    : wSync.byWhom(w.roles[r.by] ?? '', moment(r.at_ms, now())))
