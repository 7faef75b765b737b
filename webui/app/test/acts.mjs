// acts.mjs - an act upon one row of many: its form, its draft and its Idempotency-Key serve that row and that act alone.
import assert from 'node:assert/strict'
import { comes, end, filled, reads, story, text } from './story.mjs'

/** The next press arrives, its answer does not. */
async function loseAnswer(page, path) {
  const at = `**/api/v1/${path}`
  await page.route(at, async (route) => {
    if (route.request().method() !== 'POST') return route.fallback()
    await route.fetch()
    await route.abort()
    await page.unroute(at)
  })
}
const closed = async (page) => { await page.click('dialog .bare'); await page.waitForFunction(() => !document.querySelector('dialog')) }

await story('a_judgement_whose_answer_was_lost_says_nothing_of_another_price', 'hub', async (page, stand, url) => {
  const [first] = stand.state.doubts
  stand.state.doubts = [first, { ...first, id: 502, no: 'P-502', actor: 'other' }]
  await page.goto(`${url}/review/prices`)
  await page.waitForSelector('.doubt')
  await loseAnswer(page, 'price-doubts/*/501')
  await page.locator('.doubt .acts button').first().click()
  await page.click('dialog .main')
  await page.waitForSelector('dialog .errors')
  await closed(page)
  await page.locator('.doubt').nth(1).locator('.acts button').first().click()
  await page.click('dialog .main')
  await page.waitForFunction(() => !document.querySelector('dialog'))
  assert.deepEqual(stand.state.judged.get('502'), { verdict: 'accepted' })
  assert.equal(stand.state.judged.size, 2)
})

await story('a_price_taken_by_a_press_whose_answer_was_lost_is_not_said_to_be_refused', 'hub', async (page, stand, url) => {
  const rows = stand.state.doubts
  await page.goto(`${url}/review/prices`)
  await page.waitForSelector('.doubt')
  await loseAnswer(page, 'price-doubts/*/501')
  await page.locator('.doubt .bare').click()
  await page.fill('#judge-reason', '单位写成了整箱')
  await closed(page)                                                       // typed, and thought better of
  await page.locator('.doubt .acts button').first().click()
  await page.click('dialog .main')
  await page.waitForSelector('dialog .errors')
  await closed(page)
  stand.state.doubts = rows                                                // the list on the screen is the one of before
  await page.route('**/api/v1/price-doubts/*/501', (route) => route.fulfill({ status: 409, json: { error: { kind: 'conflict', rule: 'decided', text: 'decided' } } }))
  await page.locator('.doubt .bare').click()
  await filled(page, '#judge-reason', '单位写成了整箱')
  await page.click('dialog .main')
  await page.waitForSelector('dialog .errors')
  assert.doesNotMatch(await text(page, 'dialog .errors'), /不用再按/)
})

await story('the_reason_of_one_revocation_is_not_that_of_the_next', 'hub', async (page, stand, url) => {
  stand.state.account = { name: 'admin', role: 'admin', must_change: false }
  await page.goto(`${url}/branches`)
  await page.waitForSelector('.enrol .danger')
  const revoke = page.locator('.enrol .danger')
  await loseAnswer(page, 'branches/*/revoke')
  await revoke.nth(0).click()
  await page.fill('#revoke-reason', '机器被偷，已报案')
  await page.click('dialog [type=submit]')
  await page.waitForSelector('dialog .errors')
  await closed(page)
  await revoke.nth(1).click()
  await filled(page, '#revoke-reason', '')
  await page.fill('#revoke-reason', '换机')
  await page.click('dialog [type=submit]')
  await page.waitForFunction(() => !document.querySelector('dialog'))
  assert.deepEqual(stand.state.revoked.map((x) => [x.reason, x.epoch]), [['机器被偷，已报案', 1], ['换机', 1]])
  assert.notEqual(stand.state.revoked[0].code, stand.state.revoked[1].code)
})

await story('a_press_goes_to_the_enrolment_that_was_looked_at_and_no_other', 'hub', async (page, stand, url) => {
  stand.state.account = { name: 'admin', role: 'admin', must_change: false }
  await page.goto(`${url}/branches`)
  await page.waitForSelector('.enrol .danger')
  await page.locator('.enrol .danger').nth(0).click()
  await page.fill('#revoke-reason', '机器被偷，已报案')
  stand.state.epoch = 2                                                     // another administrator was faster, and the new machine is in
  await page.click('dialog [type=submit]')
  await page.waitForFunction(() => /第 2 次接入/.test(document.querySelector('.note[role=alert]')?.textContent ?? ''))
  await comes(async () => assert.equal(await page.locator('dialog').count(), 0))
  assert.deepEqual(stand.state.revoked, [])
  await page.locator('.enrol .danger').nth(0).click()
  await filled(page, '#revoke-reason', '')                // the reason was that of another machine
})

await story('a_question_asked_anew_in_the_same_words_is_asked', 'hub', async (page, stand, url) => {
  const said = []
  let state = 'open'
  await page.route('**/api/v1/reviews/*/9', async (route) => {
    const r = await route.fetch()
    await route.fulfill({ json: { ...await r.json(), state, talk: said.map((q) => ({ by: q.by, kind: q.kind, text: q.text, actor: 'a', at_ms: 1 })) } })
  })
  await page.goto(`${url}/review/330182/9`)
  await page.click('text=退回补充')
  await page.fill('#question', '请补一张到货照片的说明')
  await loseAnswer(page, 'reviews/*/9/question')
  await page.click('dialog .main')
  await page.waitForSelector('dialog .errors')
  stand.state.asked.clear()
  said.push({ by: 'province', kind: 'question', text: '请补一张到货照片的说明' }, { by: 'branch', kind: 'answer', text: '补了' })
  await page.goto(`${url}/review/330182/9`)                                // it was asked and answered, and that is not enough
  await page.click('text=退回补充')
  await filled(page, '#question', '')
  await page.fill('#question', '请补一张到货照片的说明')
  await page.click('dialog .main')
  await page.waitForFunction(() => /支行补充后回到待审/.test(document.querySelector('.note')?.textContent ?? ''))
  assert.equal(stand.state.asked.get('9'), '请补一张到货照片的说明')
})

await story('what_was_typed_for_a_question_that_somebody_else_asked_first_stays', 'hub', async (page, stand, url) => {
  const said = []
  await page.route('**/api/v1/reviews/*/9', async (route) => {
    const r = await route.fetch()
    await route.fulfill({ json: { ...await r.json(), state: 'open', talk: said } })
  })
  await page.goto(`${url}/review/330182/9`)
  await page.click('text=退回补充')
  await page.fill('#question', '几月的批次？')
  await closed(page)
  said.push({ by: 'province', kind: 'question', text: '产地？', actor: 'b', at_ms: 1 }, { by: 'branch', kind: 'answer', text: '淳安', actor: 'c', at_ms: 2 })
  await page.goto(`${url}/review/330182/9`)
  await page.click('text=退回补充')
  await filled(page, '#question', '几月的批次？')
})

await story('a_password_and_an_invitation_stay_until_somebody_closed_each', 'hub', async (page, stand, url) => {
  stand.state.account = { name: 'admin', role: 'admin', must_change: false }
  stand.state.accounts = ['sun', 'li'].map((name) => ({ name, role: 'curator', disabled: false, must_change: false, last_login_ms: null, password_ms: 1 }))
  const titles = () => page.locator('.once h2').allInnerTexts()
  await page.goto(`${url}/accounts`)
  for (const name of ['sun', 'li', 'sun']) {
    await page.click(`.people li:has-text("${name}") button`)
    await page.click('dialog .menu-list button >> nth=0')
    await page.click('dialog .danger')
    await page.waitForFunction((n) => document.querySelector('.once h2')?.textContent.includes(n), name)
  }
  await comes(async () => assert.equal((await titles()).length, 2, 'of one account only the last is of use'))
  await page.click('a[href="/me"]')
  await page.waitForURL('**/me')
  await page.click('a[href="/accounts"]')
  await page.waitForSelector('.once')
  await comes(async () => assert.match((await titles()).join(' '), /sun.* .*li/))
  await page.locator('.once').first().locator('button').last().click()
  await comes(async () => assert.match((await titles()).join(' '), /^[^]*li[^]*$/))
  await comes(async () => assert.equal((await titles()).length, 1))
  await page.goto(`${url}/branches`)
  for (const n of [0, 1]) {
    await page.waitForSelector('.enrol td.act')
    await page.locator('.enrol td.act').nth(n).locator('button').first().click()
    await page.waitForFunction((k) => document.querySelectorAll('.once').length === k, n + 1)
  }
})

await story('what_was_sent_back_with_a_question_stands_under_its_own_heading', 'hub', async (page, stand, url) => {
  stand.state.asked.set('9', '几月的批次？')
  const shown = async (state) => { await page.goto(`${url}/review?state=${state}`); await page.waitForSelector('.queue, .empty'); return page.locator('.queue a[href^="/review/330127/9"]').count() }
  await page.setViewportSize({ width: 412, height: 900 })
  assert.deepEqual([await shown('decided'), await shown('asked'), await shown('open')], [0, 1, 0])
  await page.goto(`${url}/review`)
  await page.click('.picks button:has-text("等支行补充")')
  await page.waitForSelector('.queue a[href^="/review/330127/9"]')
  await comes(async () => assert.equal(await page.getAttribute('.picks button:has-text("等支行补充")', 'aria-pressed'), 'true'))
})

await story('more_prices_than_are_shown_are_counted', 'hub', async (page, stand, url) => {
  const [one] = stand.state.doubts
  stand.state.doubts = Array.from({ length: 230 }, (_, i) => ({ ...one, id: 2000 + i, no: `JG330127-202611-${1000 + i}` }))
  await page.goto(`${url}/review/prices`)
  await page.waitForFunction(() => /还有 30 条，看完上面的就排上来/.test(document.body.textContent))
})

await story('whoever_asked_takes_the_request_back_and_declines_nothing', 'hub', async (page, _stand, url) => {
  await page.route('**/api/v1/audit/1204889/withholding', async (r) => {
    const response = await r.fetch()
    const ended = (id, by) => ({ id, rule: 'court', rule_title: '人民法院生效裁判', reason: '判了', asked_by: 'curator', asked_ms: 1, verdict: 'declined', answer_reason: '写错了', answered_by: by, answered_ms: 2 })
    const json = await response.json()
    return r.fulfill({ response, json: { ...json, requests: [ended(1, 'curator'), ended(2, 'admin'), ...json.requests] } })
  })
  await page.goto(`${url}/audit/1204889`)
  await page.waitForSelector('.withholding .acts')
  await reads(page, '.withholding', /curator .* 撤回申请：写错了[^]*admin .* 不予隐去：写错了/)
  await page.click('.withholding button:has-text("撤回申请")')
  await reads(page, 'dialog h2', /撤回申请/)
  await comes(async () => assert.equal(await page.locator('dialog button:has-text("不予隐去")').count(), 0))
})

await story('a_reason_that_is_not_shown_is_not_signed', 'hub', async (page, stand, url) => {
  const sent = []
  page.on('request', (r) => { if (r.url().endsWith('/decision')) sent.push(r.postDataJSON()) })
  await page.goto(`${url}/review/330127/9`)
  await page.check('input[name="c-storage"][value="rejected"]')
  await page.fill('#reason', '产地写错了，请查清再报')
  for (const f of ['storage', 'storage_note_zh', 'seasons']) await page.check(`input[name="c-${f}"][value="accepted"]`)
  await comes(async () => assert.equal(await page.locator('#reason').count(), 0))
  await page.click('.decide .main')
  assert.doesNotMatch(await text(page, 'dialog'), /产地写错了/)
  await page.click('dialog .main')
  await page.waitForFunction(() => /已接受/.test(document.querySelector('.note')?.textContent ?? ''))
  assert.equal('reason' in sent[0], false)
  assert.equal(stand.state.decided.get('9').verdict, 'accepted')
})

await end()
