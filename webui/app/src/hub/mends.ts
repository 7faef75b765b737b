// mends.ts - the values a reviewer takes instead of those that were proposed, with the checks of the forms they came from.
import { usccFault, usccOf } from '../pages/supplier-draft'
import { seasonsFault } from '../pages/product-draft'
import type { Patch } from '../api/shapes'
import type { Season } from '../season'

/** As the form that a branch fills in sends it. */
export function mended(field: string, value: unknown): unknown {
  if (field === 'origin_code' || field === 'division') return Number(value)
  if (typeof value !== 'string') return value
  return field === 'uscc' ? usccOf(value) : value.trim()
}

/** Those that differ from what was proposed. */
export const mendsOf = (typed: Patch, proposed: Patch): Patch =>
  Object.fromEntries(Object.entries(typed).map(([f, v]) => [f, mended(f, v)]).filter(([f, v]) => JSON.stringify(v) !== JSON.stringify(proposed[f as string])))

/** What a form would say of it before it is sent; null: nothing. */
export function mendFault(field: string, value: unknown): { rule: string; params?: Record<string, string | number> } | null {
  if (field === 'uscc') return usccFault(String(value))
  if (field === 'seasons') { const bad = seasonsFault(value as Season[]); return bad && { rule: bad } }
  if (field === 'origin_code' || field === 'division') return value ? null : { rule: 'choose' }
  return (field === 'name_zh' || field === 'name') && !value ? { rule: 'required' } : null
}
