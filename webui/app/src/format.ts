// format.ts - how times, lengths and counts are written, in both languages.
//
// Pure: a moment, a "now" and the language in, words out.  Local days are Asia/Shanghai whatever the phone says;
// China keeps UTC+8 all year, so a fixed shift is exact and the same everywhere.  Dates without a time travel as
// "2026-11-24" and stay text.
import { lang } from './words/speak'

const SHANGHAI_MS = 8 * 3600_000
const DAY_MS = 86_400_000
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const WEEK_ZH = '日一二三四五六'
const WEEK_EN = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

export interface Clock { y: number; m: number; d: number; hour: number; minute: number; second: number; week: number; day: number }

export const zh = (): boolean => lang.value === 'zh'
export const two = (n: number): string => String(n).padStart(2, '0')

/** A moment as the clock on a wall in Hangzhou shows it; `day` numbers the days so that they can be subtracted. */
export function wall(ms: number): Clock {
  const t = new Date(ms + SHANGHAI_MS)
  return {
    y: t.getUTCFullYear(), m: t.getUTCMonth() + 1, d: t.getUTCDate(), week: t.getUTCDay(),
    hour: t.getUTCHours(), minute: t.getUTCMinutes(), second: t.getUTCSeconds(),
    day: Math.floor((ms + SHANGHAI_MS) / DAY_MS),
  }
}

export const monthName = (m: number): string => (zh() ? `${m}月` : MONTHS[m - 1]!)
export const monthDay = (m: number, d: number): string => (zh() ? `${m}月${d}日` : `${d} ${MONTHS[m - 1]}`)

/** 10:42, or 11:31:07 with seconds. */
export function time(ms: number, seconds = false): string {
  const c = wall(ms)
  return `${c.hour}:${two(c.minute)}` + (seconds ? `:${two(c.second)}` : '')
}

/** The date as forms and codes write it. */
export function isoDate(ms: number): string {
  const c = wall(ms)
  return `${c.y}-${two(c.m)}-${two(c.d)}`
}

/** Today 10:42; yesterday 17:02; this year 11月22日 17:05; else 2025-11-24. */
export function moment(ms: number, now: number, seconds = false): string {
  const c = wall(ms)
  const n = wall(now)
  if (c.day === n.day) return time(ms, seconds)
  if (c.day === n.day - 1) return (zh() ? '昨天 ' : 'yesterday ') + time(ms, seconds)
  return c.y === n.y ? `${monthDay(c.m, c.d)} ${time(ms, seconds)}` : isoDate(ms)
}

/** A day in words: 今天, 11月18日, 2025-11-18. */
export function day(date: string, now: number): string {
  if (date === isoDate(now)) return zh() ? '今天' : 'today'
  const [y, m, d] = date.split('-').map(Number) as [number, number, number]
  return y === wall(now).y ? monthDay(m, d) : date
}

/** 11-18 of this year, or the whole date. */
export const shortDay = (date: string, now: number): string =>
  Number(date.slice(0, 4)) === wall(now).y ? date.slice(5) : date

/** 11月24日 星期二 */
export function today(now: number): string {
  const c = wall(now)
  return zh() ? `${monthDay(c.m, c.d)} 星期${WEEK_ZH[c.week]}` : `${WEEK_EN[c.week]} ${monthDay(c.m, c.d)}`
}

/** Days from today to a date; negative when it is past. */
export const daysUntil = (date: string, now: number): number =>
  Math.round((Date.parse(date + 'T00:00:00Z') - Date.parse(isoDate(now) + 'T00:00:00Z')) / DAY_MS)

/** A length: 41 分, 2 小时 14 分, 3 天 5 小时.  Two units at most; under a minute in seconds. */
export function span(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000))
  const u = zh() ? [' 天', ' 小时', ' 分', ' 秒'] : [' d', ' h', ' min', ' s']
  const join = (a: number, ua: string, b: number, ub: string): string => a + ua + (b ? ` ${b}${ub}` : '')
  if (s < 60) return s + u[3]!
  if (s < 3600) return Math.floor(s / 60) + u[2]!
  if (s < 86_400) return join(Math.floor(s / 3600), u[1]!, Math.floor(s / 60) % 60, u[2]!)
  return join(Math.floor(s / 86_400), u[0]!, Math.floor(s / 3600) % 24, u[1]!)
}

export function count(n: number): string {
  const [whole, part] = String(n).split('.') as [string, string?]
  return whole.replace(/\B(?=(\d{3})+$)/g, ',') + (part ? `.${part}` : '')
}

/** A list in a sentence: 甲、乙、丙 / a, b, c */
export const list = (items: string[]): string => items.join(zh() ? '、' : ', ')

/** Somebody's words in a sentence; quotes of their own become the inner ones: “与‘鸠坑毛尖’重复”. */
export const quoted = (text: string): string => `“${text.replace(/[“”]/g, (q) => (q === '“' ? '‘' : '’'))}”`
