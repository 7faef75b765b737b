// figures.ts - how money, scores, sizes, hashes and notes are written, in both languages.
//
// Pure, like format.ts, and apart from it because no first page shows any of this.
import { count, two, zh } from './format'

/** 118.00; 1,180.00. */
export function money(fen: number): string {
  const s = Math.abs(fen)
  return (fen < 0 ? '−' : '') + count(Math.floor(s / 100)) + '.' + two(s % 100)
}

/** Fen as a field shows it: 118.00, without the thousands' comma. */
export const fenField = (value: number): string => `${Math.floor(value / 100)}.${two(value % 100)}`

/** Ours against another: 高 5%, 低 2%, 相同. */
export function against(ours: number, other: number): string {
  const percent = Math.round((ours / other - 1) * 100)
  if (percent === 0) return zh() ? '相同' : 'the same'
  if (zh()) return (percent > 0 ? '高 ' : '低 ') + Math.abs(percent) + '%'
  return Math.abs(percent) + '% ' + (percent > 0 ? 'above' : 'below')
}

export const score = (value: number): string => value.toFixed(1)

export function bytes(n: number): string {
  if (n < 1000) return zh() ? `${n} 字节` : `${n} bytes`
  return n < 1_000_000 ? `${(n / 1024).toFixed(1)} KB` : `${(n / 1_048_576).toFixed(1)} MB`
}

/** A hash in fours, shortened: 7f3a 19c2 e05b 8d41 … 60b7.  `whole` keeps it all. */
export function fours(hex: string, whole = false): string {
  const groups = hex.match(/.{1,4}/g) ?? []
  return whole || groups.length <= 6 ? groups.join(' ') : `${groups.slice(0, 4).join(' ')} … ${groups[groups.length - 1]}`
}

/** A note as it is printed in Chinese: full-width stops, and a space between a word and a measure, none inside dates. */
export const proper = (text: string): string => text
  .replace(/([^\x00-\x7f]|\d[℃%]?)\s*([,;])\s*(?=[^\x00-\x7f]|\d)/g, (_all, before: string, stop: string) => before + (stop === ',' ? '，' : '；'))
  .replace(/([\u4e00-\u9fff])(?=[\d−-]*\d)/g, (all, before: string, at: number, whole: string) => (/[年月第]/.test(before) || /^\d+[年月日]/.test(whole.slice(at + 1)) ? all : before + ' '))
  .replace(/(\d)(?=[\u4e00-\u9fff])(?![年月日号版])/g, '$1 ')
  .replace(/([℃%])(?=[\u4e00-\u9fff])/g, '$1 ')
