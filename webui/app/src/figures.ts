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

/** Ours against another: 高 5%, 低不到 1%, 相同. */
export function against(ours: number, other: number): string {
  if (ours === other) return zh() ? '相同' : 'the same'
  const percent = Math.abs(Math.round((ours / other - 1) * 100))
  if (zh()) return (ours > other ? '高' : '低') + (percent ? ` ${percent}%` : '不到 1%')
  return (percent ? `${percent}%` : '<1%') + (ours > other ? ' above' : ' below')
}

/** How many times the other ours is: 100,000, 5.25, 0.02. */
export function times(ours: number, other: number): string {
  const ratio = ours / other
  if (ratio >= 100) return count(Math.round(ratio))
  if (ratio >= 1) return String(Number(ratio.toPrecision(3)))
  return ratio.toFixed(Math.ceil(-Math.log10(ratio))).replace(/\.?0+$/, '')
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

/** Between two sentences: Chinese ones stand close. */
export const between = (): string => (zh() ? '' : ' ')
