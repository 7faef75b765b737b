// amount.ts - what was typed into a field of money or quantity, as an integer of its smallest part, or why it is none.
//
// A comma parts thousands and nothing else: read as nothing, "12,50" would be a hundred times too much.  What a Chinese
// keyboard makes counts as the plain characters, a currency sign and 元 say nothing new, and a unit is given back to be held
// against the product's.  The sheet reads the same (core/base/typed.c); tests/vectors/typed.json holds both to it.

import { also, en, zh } from '../../../core/domain/units.json'

export type Amount = { value: number; unit: string } | {
  rule: 'number' | 'negative' | 'places' | 'thousands' | 'most'; params?: Record<string, string | number>
}

const WIDE: Record<string, string> = { '\uffe5': '¥', '\u3002': '.', '\uff61': '.', '\u2212': '-', '\u2013': '-', '\ufe63': '-' }

/** Full-width characters as the plain ones, every space as one, nothing unseen; lower case. */
export function fold(text: string): string {
  return text.replace(/[\p{Default_Ignorable_Code_Point}]/gu, '').replace(/[\uff01-\uff5e]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
    .replace(/[\uffe5\u3002\uff61\u2212\u2013\ufe63]/g, (c) => WIDE[c]!).replace(/\s+/gu, ' ').trim().replace(/[A-Z]/g, (c) => c.toLowerCase())
}

/** `places` decimals at most; the whole part below `most`. */
export function amount(text: string, places: number, most: number, money = true): Amount {
  let plain = fold(text)
  if (money) plain = plain.replace(/^(¥|rmb|cny|人民币) ?/, '')
  if (/^-|^\([\d.,]*\)/.test(plain)) return { rule: 'negative' }
  const parts = /^([\d.,]+) ?(.*)$/.exec(plain)
  if (!parts) return { rule: 'number' }
  const [, digits, rest] = parts as unknown as [string, string, string]
  const unit = money ? /^(?:(?:元|圆|块钱|块|rmb|cny|yuan) ?(?:[整正] ?)?)?(?:[/每] ?(.+))?$/.exec(rest) : /^([^-].*)?$/.exec(rest)
  if (!unit || /[\d.,]/.test(unit[1] ?? '') || (digits.match(/\./g)?.length ?? 0) > 1) return { rule: 'number' }
  const [whole, tail = ''] = digits.split('.') as [string, string?]
  if (tail.includes(',') || (whole.includes(',') && !/^\d{1,3}(,\d{3})+$/.test(whole))) return { rule: 'thousands' }
  if (!/\d/.test(digits)) return { rule: 'number' }
  const part = tail.replace(/0+$/, '')
  if (part.length > places) return { rule: 'places', params: { places } }
  const units = Number(whole.replace(/,/g, ''))
  if (units > most || (units === most && part)) return { rule: 'most', params: { most } }
  return { value: units * 10 ** places + Number(part.padEnd(places, '0')), unit: unit[1] ?? '' }
}

const ALSO: Record<string, string> = also
/** Whether the unit somebody wrote is the product's. */
export function sameUnit(typed: string, unit: string): boolean {
  const folded = fold(typed)
  return folded === '' || folded === unit || [zh, en].some((words: Record<string, string>) => words[unit] === folded) || ALSO[folded] === unit
}
