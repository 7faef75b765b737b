// season.ts - when a product is to be had: windows of the year, and the dial that shows them.
//
// A window runs from month*100+day to month*100+day, both included, and wraps over New Year when it starts later
// than it ends.  Open windows are seasons, closed ones are bans (a fishing ban).  The dial has twelve on top and
// runs like a clock: month m at 30 degrees * m.
import { monthDay, monthName, wall } from './format'
import { lang } from './words/speak'

export interface Season { kind: 'open' | 'closed'; start_md: number; end_md: number }

const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const month = (md: number): number => Math.floor(md / 100)
const lastDay = (m: number): number => DAYS[m - 1]!
export const mdOf = (ms: number): number => wall(ms).m * 100 + wall(ms).d

const holds = (s: Season, md: number): boolean =>
  s.start_md <= s.end_md ? md >= s.start_md && md <= s.end_md : md >= s.start_md || md <= s.end_md

export const openWindows = (seasons: Season[]): Season[] => seasons.filter((s) => s.kind === 'open')
export const closedWindows = (seasons: Season[]): Season[] => seasons.filter((s) => s.kind === 'closed')

/** A window that leaves out no day of the year, however it is written. */
export function isAllYear(seasons: Season[]): boolean {
  return openWindows(seasons).some((s) => {
    const next = month(s.end_md) % 12 + 1
    const whole = s.end_md % 100 >= lastDay(month(s.end_md)) - (month(s.end_md) === 2 ? 1 : 0)
    return whole ? s.start_md === next * 100 + 1 : s.start_md === s.end_md + 1
  })
}

export const inSeason = (seasons: Season[], md: number): boolean =>
  openWindows(seasons).some((s) => holds(s, md)) && !closedWindows(seasons).some((s) => holds(s, md))

/** Some day of the month lies in an open window. */
export const monthOpen = (seasons: Season[], m: number): boolean =>
  openWindows(seasons).some((s) => month(s.start_md) === m || month(s.end_md) === m || holds(s, m * 100 + 15))

const current = (seasons: Season[], md: number): Season | undefined => openWindows(seasons).find((s) => holds(s, md))

/** The open window that begins next after the day. */
export function nextWindow(seasons: Season[], md: number): Season | undefined {
  const distance = (s: Season): number => (s.start_md > md ? s.start_md - md : s.start_md - md + 1300)
  return [...openWindows(seasons)].sort((a, b) => distance(a) - distance(b))[0]
}

/** 8月—次年1月; 5月1日—8月15日 when it does not run by whole months; 11月; 全年. */
export function windowWords(s: Season): string {
  const dash = lang.value === 'zh' ? '—' : ' – '
  const [m1, m2] = [month(s.start_md), month(s.end_md)]
  const next = s.start_md > s.end_md ? (lang.value === 'zh' ? '次年' : '') : ''
  const tail = next === '' && s.start_md > s.end_md ? ' next year' : ''
  const whole = s.start_md % 100 === 1 && s.end_md % 100 >= lastDay(m2) - (m2 === 2 ? 1 : 0)
  if (!whole) return monthDay(m1, s.start_md % 100) + dash + next + monthDay(m2, s.end_md % 100) + tail
  if (m1 === m2 && !next) return monthName(m1)
  return monthName(m1) + dash + next + monthName(m2) + tail
}

export function seasonWords(seasons: Season[]): string {
  if (isAllYear(seasons)) return lang.value === 'zh' ? '全年' : 'all year'
  return openWindows(seasons).map(windowWords).join(lang.value === 'zh' ? '、' : ', ')
}

export type Turn = { kind: 'new' | 'ending' | 'coming'; month: number; day: number }

/** What a list says beside a product: it has just begun, it ends this month, it comes next month. */
export function turn(seasons: Season[], now: number): Turn | null {
  if (isAllYear(seasons)) return null
  const md = mdOf(now)
  const here = current(seasons, md)
  if (!here) {
    const next = nextWindow(seasons, md)
    const soon = next && (month(next.start_md) === month(md) || month(next.start_md) === month(md) % 12 + 1)
    return next && soon ? { kind: 'coming', month: month(next.start_md), day: next.start_md % 100 } : null
  }
  if (month(here.end_md) === month(md) && here.end_md >= md) return { kind: 'ending', month: month(md), day: here.end_md % 100 }
  if (month(here.start_md) === month(md) && here.start_md <= md) return { kind: 'new', month: month(md), day: here.start_md % 100 }
  return null
}

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

// ---- the drawing -------------------------------------------------------------------------------------------------

/** Degrees on the dial of a day: the middle of month m is 30*m. */
export const angle = (md: number): number => (month(md) + (md % 100 - 1) / lastDay(month(md))) * 30 - 15

export function arc(centre: number, radius: number, from: number, to: number): string {
  const at = (deg: number): string => {
    const rad = (deg - 90) * Math.PI / 180
    return `${(centre + radius * Math.cos(rad)).toFixed(2)} ${(centre + radius * Math.sin(rad)).toFixed(2)}`
  }
  return `M${at(from)}A${radius} ${radius} 0 ${to - from > 180 ? 1 : 0} 1 ${at(to)}`
}

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
