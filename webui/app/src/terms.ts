// terms.ts - which of the twenty-four solar terms a day lies in, for the line under the header.
//
// The usual short formula for 2001-2100, day = floor(y * 0.2422 + C) - leap days, with its known exceptions; a table
// of all days would be exact and a hundred times longer.
import { wall } from './format'
import { wHome } from './words/home'

const C = [
  5.4055, 20.12, 3.87, 18.73, 5.63, 20.646, 4.81, 20.1, 5.52, 21.04, 5.678, 21.37, 7.108, 22.83, 7.5, 23.13, 7.646, 23.042, 8.318, 23.438, 7.438,
  22.36, 7.18, 21.94,
]
const EXCEPT: Record<string, number> = {
  '2026-3': -1, '2084-5': 1, '2008-9': 1, '2016-12': 1, '2002-14': 1, '2089-19': 1, '2089-20': 1, '2021-23': -1, '2019-0': -1, '2082-1': 1,
}

export function termDay(year: number, term: number): number {
  const y = year % 100
  const leaps = Math.floor((term < 4 ? y - 1 : y) / 4)
  return Math.floor(y * 0.2422 + C[term]!) - leaps + (EXCEPT[`${year}-${term}`] ?? 0)
}

export function solarTerm(ms: number): string {
  const c = wall(ms)
  const first = (c.m - 1) * 2
  const at = c.d >= termDay(c.y, first + 1) ? first + 1 : c.d >= termDay(c.y, first) ? first : (first + 23) % 24
  return wHome.terms[at]!
}
