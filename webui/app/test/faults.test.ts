// Where a refusal of the server is shown: each fault at its field, and none is lost.
import assert from 'node:assert/strict'
import { test, beforeEach } from 'node:test'
import { Refused, Unreachable } from '../src/api/client'
import { useAsked, type Asked } from '../src/faults'
import { lang } from '../src/words/speak'

interface Fields { name_zh: string; seasons: string; origin: string }
const labels: Record<string, string> = { name_zh: '中文名', seasons: '上市期', licence: '许可证' }
const form = (): Asked<Fields> => useAsked<Fields>({ name_zh: '', seasons: '', origin: '' }, ['name_zh', 'seasons', 'origin'], (field) => labels[field] ?? field)
const fault = (field: string, rule: string, text = ''): { kind: string; rule: string; field: string; text: string; params: Record<string, never> } =>
  ({ kind: 'input', rule, field, text, params: {} })
const texts = (f: Asked<Fields>): Record<string, string> => Object.fromEntries(f.listed.value.map((one) => [one.field, one.fault.text]))
beforeEach(() => { lang.value = 'zh' })

test('a_nested_fault_stands_at_the_field_that_the_form_has', () => {
  const f = form()
  f.refuse([fault('seasons.0.end_md', 'x1', '止于何日'), fault('patch/name_zh', 'x2', '太长')])
  assert.deepEqual(texts(f), { name_zh: '太长', seasons: '止于何日' })
  assert.equal(f.other.value, '')
})

test('two_faults_of_one_field_are_both_told', () => {
  const f = form()
  f.refuse([fault('name_zh', 'x1', '太长'), fault('seasons.0.start_md', 'x2', '起于何日'), fault('name_zh', 'x3', '有控制字符'), fault('seasons.1.start_md', 'x2', '起于何日')])
  assert.deepEqual(texts(f), { name_zh: '太长；有控制字符', seasons: '起于何日' })
})

test('what_the_form_has_no_field_for_is_told_beside_it', () => {
  const f = form()
  f.refuse([fault('', 'x1', '目录已停用'), fault('supplier.licence', 'x2', '已过期')])
  assert.deepEqual(texts(f), {})
  assert.equal(f.other.value, '目录已停用；许可证：已过期')
})

test('a_doubt_beside_a_fault_of_the_same_field_is_a_fault', () => {
  for (const rules of [['outlier', 'x1'], ['x1', 'outlier']]) {
    const f = form()
    f.refuse(rules.map((rule) => fault('name_zh', rule, rule)))
    assert.equal(f.faults.name_zh!.doubt, false)
  }
  const f = form()
  f.refuse([fault('name_zh', 'outlier', '偏离')])
  assert.equal(f.faults.name_zh!.doubt, true)
})

test('one_text_of_three_rows_is_told_once', () => {
  const f = form()
  f.refuse([fault('name_zh', 'x1', '太长'), fault('name_zh', 'x2', '有空格'), fault('name_zh', 'x1', '太长')])
  assert.deepEqual(texts(f), { name_zh: '太长；有空格' })
})

// Nothing answered: the server may have done it.
Object.assign(globalThis, { document: { querySelector: () => null } })
test('what_was_not_answered_is_said_to_be_unknown_and_not_undone', async () => {
  const f = form()
  assert.equal(await f.send(async () => { throw new Unreachable('cut') }), 'cut')
  assert.match(f.other.value, /没有收到回答.*再按一次不会办两次/)
  assert.equal(f.lost.value, true)
  assert.equal(await f.send(async () => { throw new Refused(422, [fault('', 'x1', '不行')]) }), 'refused')
  assert.deepEqual([f.other.value, f.lost.value], ['不行', false])
  assert.equal(await f.send(async () => { throw new Unreachable('cut') }, true), 'cut')        // it waits on the phone, and says so
  assert.deepEqual([f.other.value, f.lost.value], ['', false])
})
