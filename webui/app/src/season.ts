// season.ts - when a product is to be had: windows of the year, and the arcs of the dial in a list (the large one is dial.ts).
//
// A window runs from month*100+day to month*100+day, both included, and wraps over New Year when it starts later
// than it ends.  Open windows are seasons, closed ones are bans (a fishing ban).  The dial has twelve on top and
// runs like a clock: month m at 30 degrees * m.
import { monthDay, monthName, wall } from './format'
import { lang } from './words/speak'

export interface Season { kind: 'open' | 'closed'; start_md: number; end_md: number }

const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
export const month = (md: number): number => Math.floor(md / 100)
export const lastDay = (m: number): number => DAYS[m - 1]!
export const mdOf = (ms: number): number => wall(ms).m * 100 + wall(ms).d

export const holds = (s: Season, md: number): boolean =>
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

export const current = (seasons: Season[], md: number): Season | undefined => openWindows(seasons).find((s) => holds(s, md))

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

/** On a dial of which month m lies at 30 degrees * m. */
export function arc(centre: number, radius: number, from: number, to: number): string {
  const at = (deg: number): string => {
    const rad = (deg - 90) * Math.PI / 180
    return `${(centre + radius * Math.cos(rad)).toFixed(2)} ${(centre + radius * Math.sin(rad)).toFixed(2)}`
  }
  return `M${at(from)}A${radius} ${radius} 0 ${to - from > 180 ? 1 : 0} 1 ${at(to)}`
}
