// The year as windows: wrapping, bans, what a list says and what the dial draws.
import assert from 'node:assert/strict'
import { test, beforeEach } from 'node:test'
import { lang } from '../src/words/speak'
import * as dial from '../src/dial'
import * as season from '../src/season'

const s = { ...season, ...dial }
type Season = season.Season

const open = (start_md: number, end_md: number): Season => ({ kind: 'open', start_md, end_md })
const ban: Season = { kind: 'closed', start_md: 501, end_md: 815 }
const crab = [open(801, 131), ban]
const at = (iso: string): number => Date.parse(iso + 'T12:00:00+08:00')
beforeEach(() => { lang.value = 'zh' })

test('a_season_may_wrap_the_year', () => {
  assert.ok(s.inSeason(crab, 1124))
  assert.ok(s.inSeason(crab, 131))
  assert.ok(!s.inSeason(crab, 201))
  assert.equal(s.seasonWords(crab), '8月—次年1月')
  assert.equal(s.windowWords(ban), '5月1日—8月15日')
})

test('a_ban_closes_a_season_that_is_open', () => {
  assert.ok(!s.inSeason(crab, 810))
  assert.ok(s.inSeason(crab, 816))
  assert.deepEqual(s.nowWords(crab, at('2026-08-10')), { kind: 'closed', until: '8月15日' })
})

test('all_year_is_all_year_however_it_is_written', () => {
  for (const w of [open(101, 1231), open(301, 228), open(301, 229), open(516, 515)]) assert.equal(s.seasonWords([w]), '全年')
  assert.notEqual(s.seasonWords([open(101, 1130)]), '全年')
})

test('one_month_is_one_word', () => assert.equal(s.seasonWords([open(1101, 1130)]), '11月'))

test('what_a_list_says_beside_a_product', () => {
  const now = at('2026-11-24')
  assert.equal(s.turn([open(1101, 228)], now)?.kind, 'new')
  assert.equal(s.turn([open(1001, 1130)], now)?.kind, 'ending')
  assert.equal(s.turn([open(1201, 430)], now)?.kind, 'coming')
  assert.equal(s.turn([open(301, 531)], now), null)
  assert.equal(s.turn([open(101, 1231)], now), null)
  assert.equal(s.turn([open(101, 331)], at('2026-12-05'))?.month, 1)
})

test('the_middle_of_the_dial', () => {
  assert.deepEqual(s.nowWords(crab, at('2026-11-24')), { kind: 'open', until: '次年1月' })
  assert.deepEqual(s.nowWords(crab, at('2026-01-05')), { kind: 'open', until: '1月' })
  assert.deepEqual(s.nowWords([open(1201, 430)], at('2026-11-24')), { kind: 'off', from: '12月' })
})

test('the_dial_cuts_a_month_where_a_window_ends_in_it', () => {
  assert.equal(s.pieces([open(801, 131)], 2.8).length, 12)
  const cut = s.pieces([open(801, 1015)], 2.8)
  assert.equal(cut.length, 13)
  const ends = cut.filter((p) => p.open).pop()!
  assert.ok(Math.abs(ends.to - s.angle(1016)) < 1e-9)
  assert.ok(cut.every((p) => p.to > p.from))
  assert.equal(s.pieces([open(1101, 228)], 2.8).filter((p) => p.open).length, 4)
})

test('the_hand_stands_where_the_day_is', () => {
  assert.equal(s.angle(301), 75)
  assert.ok(Math.abs(s.angle(1124) - (330 - 15 + 23)) < 1e-9)
})
