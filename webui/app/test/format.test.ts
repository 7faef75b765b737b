// How things are written, in both languages.  The runner's own time zone is far from Shanghai on purpose.
import assert from 'node:assert/strict'
import { test, beforeEach } from 'node:test'
import { lang } from '../src/words/speak'
import { readFileSync } from 'node:fs'
import { amount, sameUnit } from '../src/amount'
import * as figures from '../src/figures'
import * as format from '../src/format'
import * as tight from '../src/tight'
import goodsEn from '../src/words/goods.en'
import goodsZh from '../src/words/goods.zh'

const f = { ...format, ...figures, ...tight }

const at = (iso: string): number => Date.parse(iso + '+08:00')
const now = at('2026-11-24T11:26:00')
beforeEach(() => { lang.value = 'zh' })

test('a_moment_says_the_least_that_is_clear', () => {
  assert.equal(f.moment(at('2026-11-24T10:42:09'), now), '10:42')
  assert.equal(f.moment(at('2026-11-24T00:00:00'), now), '0:00')
  assert.equal(f.moment(at('2026-11-23T17:02:00'), now), '昨天 17:02')
  assert.equal(f.moment(at('2026-11-22T17:05:00'), now), '11月22日 17:05')
  assert.equal(f.moment(at('2025-11-24T17:05:00'), now), '2025-11-24')
  lang.value = 'en'
  assert.equal(f.moment(at('2026-11-23T17:02:00'), now), 'yesterday 17:02')
  assert.equal(f.moment(at('2026-11-22T17:05:00'), now), '22 Nov 17:05')
})

test('yesterday_is_a_day_in_shanghai_not_24_hours', () => {
  assert.equal(f.moment(at('2026-11-23T23:59:00'), at('2026-11-24T00:01:00')), '昨天 23:59')
  assert.equal(f.moment(at('2026-12-31T23:59:00'), at('2027-01-01T00:01:00')), '昨天 23:59')
})

test('a_length_has_two_units_at_most', () => {
  assert.equal(f.span(41 * 60_000), '41 分')
  assert.equal(f.span((2 * 60 + 14) * 60_000), '2 小时 14 分')
  assert.equal(f.span(2 * 3600_000), '2 小时')
  assert.equal(f.span((3 * 24 + 5) * 3600_000), '3 天 5 小时')
  assert.equal(f.span(9_000), '9 秒')
  assert.equal(f.span(-5), '0 秒')
  lang.value = 'en'
  assert.equal(f.span((3 * 24 + 5) * 3600_000), '3 d 5 h')
})

test('money_is_fen_in_yuan_with_two_places', () => {
  assert.equal(f.money(11800), '118.00')
  assert.equal(f.money(118000), '1,180.00')
  assert.equal(f.money(5), '0.05')
  assert.equal(f.money(-300), '−3.00')
})

test('a_typed_amount_is_read_as_the_sheet_reads_it', () => {
  type Vector = [text: string, places: number, money: boolean, result: number | string, unit: string]
  const { amounts } = JSON.parse(readFileSync('../../tests/vectors/typed.json', 'utf8')) as { amounts: Vector[] }
  assert.ok(amounts.length > 60)
  for (const [text, places, money, result, unit] of amounts) {
    const a = amount(text, places, 1_000_000, money)
    assert.deepEqual('value' in a ? [a.value, a.unit] : [a.rule, ''], [result, unit], JSON.stringify(text))
  }
})

test('a_unit_is_the_products_however_it_is_written', () => {
  for (const typed of ['', '公斤', '千克', 'ＫＧ', ' kg ']) assert.equal(sameUnit(typed, 'kg'), true, typed)
  for (const typed of ['斤', '盒', '两', 'g', 'constructor']) assert.equal(sameUnit(typed, 'kg'), false, typed)
})

test('one_list_of_units_is_that_of_the_forms_the_sheets_and_the_interface', () => {
  const list = JSON.parse(readFileSync('../../core/domain/units.json', 'utf8')) as { codes: string[]; zh: Record<string, string>; en: Record<string, string>; also: Record<string, string> }
  for (const code of list.codes) for (const typed of [code, list.zh[code]!, list.en[code]!]) assert.equal(sameUnit(typed, code), true, typed)
  for (const [typed, code] of Object.entries(list.also)) assert.equal(sameUnit(typed, code), true, typed)
  for (const typed of ['只', '个', '件']) assert.equal(sameUnit(typed, 'piece'), true, typed)
  assert.deepEqual(Object.keys(goodsZh.units), list.codes)
  assert.deepEqual(Object.keys(goodsEn.units), list.codes)
  assert.equal(/\n    Unit: \{type: string, enum: \[(.*?)\]/.exec(readFileSync('../../docs/openapi.yaml', 'utf8'))?.[1], list.codes.join(', '))
})

test('fen_as_a_field_shows_them', () => {
  assert.equal(f.fenField(118007), '1180.07')
})

test('ours_against_the_median', () => {
  assert.equal(f.against(11800, 11200), '高 5%')
  assert.equal(f.against(9600, 9800), '低 2%')
  assert.equal(f.against(100, 100), '相同')
})

test('a_clock_off_says_which_way', () => {
  assert.equal(f.skew(192_000), '快 3 分 12 秒')
  assert.equal(f.skew(-1000), '慢 1 秒')
  assert.equal(f.skew(200), '0 秒')
  assert.equal(f.gap(430), '+0.4 秒')
  assert.equal(f.gap(-192_000), '−3 分 12 秒')
  assert.equal(f.gap((2 * 60 + 40) * 60_000), '+2 小时 40 分')
})

test('hashes_come_in_fours', () => {
  const hash = '7f3a19c2e05b8d41' + '0'.repeat(44) + '60b7'
  assert.equal(f.fours(hash), '7f3a 19c2 e05b 8d41 … 60b7')
  assert.equal(f.fours('7f3a19c2'), '7f3a 19c2')
  assert.equal(f.count(1204911), '1,204,911')
  assert.equal(f.count(1234.5678), '1,234.5678')
  assert.equal(f.bytes(214), '214 字节')
  assert.equal(f.bytes(1126), '1.1 KB')
})

test('a_price_beside_another_is_the_same_only_when_it_is', () => {
  assert.equal(f.against(10000, 10000), '相同')
  assert.equal(f.against(10049, 10000), '高不到 1%')
  assert.equal(f.against(9999, 10000), '低不到 1%')
  assert.equal(f.against(10500, 10000), '高 5%')
})
test('how_many_times_another_it_is_has_no_powers_of_ten', () => {
  const of = [[100_000_000, 1000], [5250, 1000], [2000, 1000], [2000, 100_000], [1, 10_000_000], [960, 1000]] as const
  assert.deepEqual(of.map(([a, b]) => f.times(a, b)), ['100,000', '5.25', '2', '0.02', '0.0000001', '1'])
})

test('days_until_a_date', () => {
  assert.equal(f.daysUntil('2027-01-10', now), 47)
  assert.equal(f.daysUntil('2026-11-24', now), 0)
  assert.equal(f.daysUntil('2026-11-02', now), -22)
  assert.equal(f.day('2026-11-18', now), '11月18日')
  assert.equal(f.shortDay('2026-11-18', now), '11-18')
  assert.equal(f.shortDay('2025-11-18', now), '2025-11-18')
})

test('quotes_within_quotes_are_the_inner_ones', () => {
  assert.equal(f.quoted('与“鸠坑毛尖”重复'), '“与‘鸠坑毛尖’重复”')
  assert.equal(f.quoted('没有'), '“没有”')
})
