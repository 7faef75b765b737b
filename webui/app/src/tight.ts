// tight.ts - moments and lengths where there is little room, and clocks against ours: the tables and tiles of the province.
import { isoDate, span, two, wall, zh } from './format'

/** A moment in the width of a table cell: 10:42; 11-21 06:11; 2025-11-24. */
export function tableMoment(ms: number, now: number): string {
  const c = wall(ms)
  const n = wall(now)
  const clock = `${two(c.hour)}:${two(c.minute)}`
  if (c.day === n.day) return clock
  return c.y === n.y ? `${two(c.m)}-${two(c.d)} ${clock}` : isoDate(ms)
}

/** A length in the width of a tile: 41分, 2 时, 3 天. */
export function tileSpan(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000))
  if (minutes < 60) return minutes + (zh() ? '分' : 'm')
  if (minutes < 1440) return Math.floor(minutes / 60) + (zh() ? ' 时' : 'h')
  return Math.floor(minutes / 1440) + (zh() ? ' 天' : 'd')
}

const lengthExact = (ms: number): string => {
  const s = Math.abs(ms) / 1000
  if (s < 10 && s % 1 !== 0) return s.toFixed(1) + (zh() ? ' 秒' : ' s')
  if (s >= 60 && s < 3600 && Math.floor(s) % 60) {
    return `${Math.floor(s / 60)}${zh() ? ' 分 ' : ' min '}${Math.floor(s) % 60}${zh() ? ' 秒' : ' s'}`
  }
  return span(Math.abs(ms))
}

/** A clock against ours: 快 3 分 12 秒, 慢 1 秒, 0 秒. */
export function skew(ms: number): string {
  if (Math.abs(ms) < 500) return zh() ? '0 秒' : '0 s'
  const length = lengthExact(Math.round(ms / 1000) * 1000)
  if (zh()) return (ms > 0 ? '快 ' : '慢 ') + length
  return length + (ms > 0 ? ' fast' : ' slow')
}

/** From happened to received: +0.4 秒, −3 分 12 秒. */
export const gap = (ms: number): string => (ms < 0 ? '−' : '+') + lengthExact(Math.abs(ms) < 10_000 ? Math.round(ms / 100) * 100 : ms)
