// What a page fetched is kept for whoever asked for it, and for nobody who comes after.
import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { effectScope, type EffectScope } from 'vue'
import { useLoad, type Load } from '../src/load'
import { site } from '../src/site'

const real = globalThis.fetch
let answers: ((body: unknown) => void)[] = []
let cut = false
const settle = async (): Promise<void> => { for (let i = 0; i < 20; i++) await new Promise((ok) => setImmediate(ok)) }
beforeEach(() => {
  answers = []
  cut = false
  Object.assign(globalThis, { fetch: () => (cut ? Promise.reject(new Error('cut')) : new Promise((come) => answers.push((body) => come(Response.json(body))))) })
  site.site = { kind: 'hub', code: 330000, id: '330000-1', name_zh: '', name_en: '', version: '' } as NonNullable<typeof site.site>
})
afterEach(() => { Object.assign(globalThis, { fetch: real }) })
let shown: EffectScope | undefined
const login = (name: string | null): void => { site.account = name ? { name, role: 'admin', must_change: false } as NonNullable<typeof site.account> : null }
function page(): Load<unknown> {
  shown?.stop()
  shown = effectScope()
  return shown.run(() => useLoad<unknown>(() => ['sessions']))!
}

test('what_comes_when_another_is_logged_in_is_shown_to_nobody', async () => {
  for (const late of [false, true]) {
    login('admin1')
    page()
    if (!late) { answers.pop()!({ of: 'admin1' }); await settle() }
    login(null)
    login('admin2')
    if (late) { answers.pop()!({ of: 'admin1' }); await settle() }
    cut = true
    const after = page()
    await settle()
    assert.deepEqual([after.data.value, after.cut.value], [null, true])
    cut = false
    shown?.stop()
  }
})

test('what_one_fetched_is_shown_to_the_same_again', async () => {
  login('admin1')
  page()
  answers.pop()!({ of: 'admin1' })
  await settle()
  cut = true
  const after = page()
  await settle()
  assert.deepEqual(after.data.value, { of: 'admin1' })
})
