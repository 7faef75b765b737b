// What is pasted into any form goes out without what nobody sees, and passwords go out as they are.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { address, patch, post } from '../src/api/client'
import { plain } from '../src/plain'

test('what_nobody_sees_is_taken_out_and_what_people_write_stays', () => {
  assert.equal(plain('\ufeff青\u200b菜\u2060\u00ad \u202eabc\u202c\u2066x\u2069\u0007\x7f\ufffe\ufffc'), '青菜 abcx')
  assert.equal(plain('青\u00a0菜\u2003一'), '青 菜 一')
  assert.equal(plain('一\r\n二\r三\u2028四\t五'), '一\n二\n三\n四\t五')
  assert.equal(plain('青\u200d菜\ufe0f a\u200cb'), '青菜 ab')
  for (const kept of ['舟山三疣梭子蟹', '张　三', 'Zhōu Shān', '𠀀', '👨\u200d👩\u200d👧 ❤\ufe0f 👍🏽', '1\ufe0f\u20e3', 'می\u200cخواهم', 'क\u094d\u200d', ''])
    assert.equal(plain(kept), kept)
})

test('every_change_and_every_question_goes_through_it_but_passwords', async () => {
  const sent: [string, unknown][] = []
  globalThis.fetch = (async (path: string, init?: RequestInit) => {
    sent.push([path, JSON.parse(String(init?.body))])
    return new Response('{}', { status: 200 })
  }) as typeof fetch
  await post('proposals', { name_zh: '青\u200b菜', seasons: [{ kind: 'o\u200bpen', start_md: 101 }], note: null, sure: true })
  await patch('accounts/x', { role: 'staff\u202e' })
  await post('password', { old: 'a\u200bb', new: 'c\u00a0d' })
  await post('login', { name: 'x\u200b', password: 'p\u200b' })
  assert.deepEqual(sent.map(([, body]) => body), [
    { name_zh: '青菜', seasons: [{ kind: 'open', start_md: 101 }], note: null, sure: true },
    { role: 'staff' },
    { old: 'a\u200bb', new: 'c\u00a0d' },
    { name: 'x\u200b', password: 'p\u200b' },
  ])
  assert.equal(address('catalogue', { q: '青\u200b菜' }), `/api/v1/catalogue?q=${encodeURIComponent('青菜')}`)
})
