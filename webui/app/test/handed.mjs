// handed.mjs - a desk or a phone that is handed on while a press is on its way: everything of that press is its author's, and
// nothing of it anybody else's.
import assert from 'node:assert/strict'
import { end, held, reads, story, text } from './story.mjs'
import { stored, until } from './phone.mjs'

const ME = (name) => `${name}@330127-0f3a99c1`
const people = (stand) => { stand.state.accounts = ['officer', 'colleague'].map((name) => ({ name, role: 'officer', disabled: false, must_change: false, last_login_ms: null, password_ms: 1 })) }
/** By the links of the page itself, as who goes on working does: nothing is loaded anew. */
const to = async (page, path) => { await page.evaluate((h) => document.querySelector(`a[href="${h}"]`).click(), path); await page.waitForURL(`**${path}`) }
async function logout(page) {
  await to(page, '/me')
  await page.click('main button:has-text("退出登录")')
  await page.waitForSelector('#password')
}
async function login(page, name) {
  await page.fill('#name', name)
  await page.fill('#password', 'right')
  await page.click('button[type=submit]')
  await page.waitForSelector('.services')
}
const ticked = async (page, url, n) => {
  await page.goto(`${url}/confirm`)
  await page.waitForSelector('.confirm-row')
  for (let i = 0; i < n; i++) await page.locator('.confirm-row input').nth(i).check()
}
const posts = (page, path) => {
  const sent = []
  page.on('request', (r) => { if (r.method() === 'POST' && r.url().endsWith(`/api/v1/${path}`)) sent.push(r.headers()['x-sunlit-account']) })
  return sent
}

await story('products_confirmed_together_are_confirmed_by_whoever_pressed_and_end_with_the_login', 'node', async (page, stand, url) => {
  people(stand)
  const sent = posts(page, 'confirmations')
  await ticked(page, url, 3)
  const names = await page.locator('.confirm-row b').allInnerTexts()
  const go = await held(page, 'confirmations')
  await page.click('.acts .main')
  await until('it is sent', () => sent.length === 1)
  await logout(page)
  await login(page, 'colleague')
  go()
  await page.waitForTimeout(800)
  assert.deepEqual(sent, [ME('officer')])
  assert.equal(await page.locator('.note.left').count(), 0)                  // a colleague is told nothing of it
  assert.doesNotMatch(await text(page, 'header'), /现在登录/)
  assert.deepEqual(await stored(page, 'outbox'), await stored(page, 'outbox').then((all) => all.filter((i) => i.account === ME('officer'))))
  await logout(page)
  await login(page, 'officer')
  await page.waitForSelector('.note.left')                                   // and its author what was not done
  const told = await text(page, '.note.left')
  for (const name of names.slice(1, 3)) assert.ok(told.includes(name), told)
})

await story('a_confirmation_that_nothing_answered_waits_under_whoever_pressed_also_when_they_logged_out', 'node', async (page, stand, url) => {
  people(stand)
  await page.goto(`${url}/catalogue/101`)
  await page.waitForSelector('.note button')
  let cut
  const gate = new Promise((ok) => { cut = ok })
  await page.route('**/api/v1/confirmations', async (r) => { await gate; await r.abort() })
  await page.click('.note button')
  await page.click('dialog .main')
  await logout(page)
  cut()
  await until('it waits', async () => (await stored(page, 'outbox')).length === 1)
  assert.deepEqual((await stored(page, 'outbox')).map((i) => i.account), [ME('officer')])
  await page.unroute('**/api/v1/confirmations')
  await login(page, 'officer')
  await until('it arrives', () => stand.state.products.find((p) => p.id === 101).confirmed)
})

await story('a_proposal_pressed_before_the_login_ended_is_sent_under_no_other', 'node', async (page, stand, url) => {
  people(stand)
  const sent = posts(page, 'proposals')
  await page.goto(`${url}/propose/product`)
  for (const [id, v] of [['group', 'processed'], ['origin_code', '330127'], ['unit', 'kg'], ['storage', 'chilled']]) await page.selectOption(`#${id}`, v)
  await page.check('#seasons input[type=checkbox]')
  await page.fill('#reason', '三个食堂都在用')
  const go = await held(page, 'catalogue?q=*')                               // whether the name is there already
  await page.fill('#name_zh', '威坪豆腐干')
  await page.click('form button[type=submit]')
  await page.evaluate(() => document.querySelector('a[href="/me"]').click())
  await page.click('main button:has-text("退出登录")')
  await page.waitForSelector('#password')
  await login(page, 'colleague')
  go()
  await page.waitForTimeout(800)
  assert.deepEqual(sent, [])
  assert.deepEqual((await stored(page, 'outbox')).map((i) => i.account), [ME('officer')])
  await logout(page)
  await login(page, 'officer')
  await until('it arrives', () => sent.length === 1)
  assert.deepEqual(sent, [ME('officer')])
})

await end()
