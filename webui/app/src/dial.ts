// dial.ts - the large dial of a product: its pieces as angles, and the two lines in its middle.
import { monthDay, monthName } from './format'
import { closedWindows, current, holds, isAllYear, lastDay, mdOf, month, nextWindow, openWindows, type Season } from './season'
import { lang } from './words/speak'

export interface Now { kind: 'all_year' | 'open' | 'closed' | 'off'; until?: string; from?: string }

/** The two lines in the middle of the large dial. */
export function nowWords(seasons: Season[], now: number): Now {
  const md = mdOf(now)
  const ban = closedWindows(seasons).find((s) => holds(s, md))
  if (ban) return { kind: 'closed', until: monthDay(month(ban.end_md), ban.end_md % 100) }
  if (isAllYear(seasons)) return { kind: 'all_year' }
  const here = current(seasons, md)
  if (here) {
    const wraps = here.start_md > here.end_md && md >= here.start_md
    const whole = here.end_md % 100 >= lastDay(month(here.end_md)) - 1
    const end = whole ? monthName(month(here.end_md)) : monthDay(month(here.end_md), here.end_md % 100)
    return { kind: 'open', until: (wraps && lang.value === 'zh' ? '次年' : '') + end }
  }
  const next = nextWindow(seasons, md)
  return { kind: 'off', ...(next ? { from: monthName(month(next.start_md)) } : {}) }
}

/** Degrees on the dial of a day: the middle of month m is 30*m. */
export const angle = (md: number): number => (month(md) + (md % 100 - 1) / lastDay(month(md))) * 30 - 15

export interface Piece { open: boolean; from: number; to: number }

/** The year cut into months, and a month cut where a window begins or ends in it, as angles with the gap taken off. */
export function pieces(seasons: Season[], gapDegrees: number): Piece[] {
  const out: Piece[] = []
  for (let m = 1; m <= 12; m++) {
    const cuts = new Set([m * 100 + 1])
    for (const s of openWindows(seasons)) {
      if (month(s.start_md) === m) cuts.add(s.start_md)
      if (month(s.end_md) === m && s.end_md % 100 < lastDay(m) - (m === 2 ? 1 : 0)) cuts.add(s.end_md + 1)
    }
    const starts = [...cuts].sort((a, b) => a - b)
    starts.forEach((md, i) => {
      const from = angle(md) + (i === 0 ? gapDegrees / 2 : 0)
      const last = i === starts.length - 1
      const to = last ? m * 30 + 15 - gapDegrees / 2 : angle(starts[i + 1]!)
      if (to > from) out.push({ open: openWindows(seasons).some((s) => holds(s, md)), from, to })
    })
  }
  return out
}

/** A window as one arc, from its first day to the end of its last. */
export function windowArc(s: Season): { from: number; to: number } {
  const from = angle(s.start_md)
  const to = angle(s.end_md) + 30 / lastDay(month(s.end_md))
  return { from, to: to > from ? to : to + 360 }
}
