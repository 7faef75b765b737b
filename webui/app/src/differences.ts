// differences.ts - what was filled in then and is not now, in words: `field: value`, of the fields of a form.
import { w } from './words'

/** A value as it is read; empty: it has no words, and the field alone is named. */
export type Say = (field: string, value: unknown) => string

export function differences(then: object, now: object, label: (field: string) => string, say: Say): string[] {
  const old = then as Record<string, unknown>
  const is = now as Record<string, unknown>
  return [...new Set([...Object.keys(old), ...Object.keys(is)])].flatMap((f) => {
    const a = old[f]
    const b = is[f]
    if (JSON.stringify(a) === JSON.stringify(b)) return []
    const inner = (x: unknown): x is object => typeof x === 'object' && x !== null && !Array.isArray(x)
    if (inner(a) || inner(b)) return differences(inner(a) ? a : {}, inner(b) ? b : {}, label, say)
    const value = a === undefined || a === null || a === '' ? w.none : typeof a === 'object' ? '' : say(f, a)
    return [label(f) + (value && w.colon + value)]
  })
}
