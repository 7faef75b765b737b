// needs.mjs - what waits for a person: counted once, said where it is looked for, with what can be done.
import assert from 'node:assert/strict'
import { comes, end, reads, story, text } from './story.mjs'

await story('home_says_how_many_own_prices_claim_a_day_to_come_and_leads_to_them', 'node', async (page, stand, url) => {
  stand.state.prices[0].date = '2099-01-01'
  await page.goto(url)
  await page.locator('.task', { hasText: '更正：1 条价格的日期还没到' }).click()
  await page.waitForURL('**/records?state=later')
  await page.waitForSelector('.records li')
  await comes(async () => assert.equal(await page.locator('.records li').count(), 1))
  await reads(page, '.note.stale', /选“更正”改日期/)
  await page.click('.records a')
  await page.click('a:has-text("更正")')
  await page.waitForSelector('#date')
  await page.fill('#date', new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 10))
  await page.click('button[type=submit]')
  await page.waitForSelector('.stations')
  await page.goto(url)
  await page.waitForSelector('.task')
  assert.equal(await page.locator('.task', { hasText: '日期还没到' }).count(), 0)
})

await story('chip_and_home_count_the_same_when_the_exchange_cannot_go_on', 'node', async (page, stand, url) => {
  stand.state.stall = 'frozen'
  stand.state.link = 'up'                                        // the line is there, what comes over it is not taken
  await page.goto(url)
  await page.waitForSelector('.chip[data-state=attention]')
  await reads(page, '.chip', /需处理 3/)            // two refused, and the exchange itself
  const tasks = page.locator('.task', { has: page.locator('a, b') })
  await page.waitForFunction(() => document.querySelectorAll('.task[href="/sync"]').length === 3)
  const all = await tasks.count()
  await reads(page, 'h1 .count', String(all - (await page.locator('.sec', { hasText: '省中心的回复' }).locator('.task').count())))
  await reads(page, '.sec-head a[href="/sync"]', /其中 3 件/)
  stand.state.refused = []
  stand.state.stall = null
  await page.waitForSelector('.chip:not([data-state=attention])')
  assert.equal(await page.locator('.task[href="/sync"]').count(), 0)
  assert.equal(await page.locator('.sec-head a[href="/sync"]').count(), 0)
})

await story('a_reset_password_is_told_to_whoever_had_the_session_on_the_login_page', 'node', async (page, stand, url) => {
  await page.goto(`${url}/records`)
  await page.waitForSelector('.records li')
  stand.state.account = null
  stand.state.ended = 'password_reset'
  await page.locator('.tabs .pill').nth(1).click()
  await page.waitForSelector('#password')
  await reads(page, 'main', /管理员重置了你的密码/)
})

await story('another_role_is_told_to_whoever_had_the_session_on_the_login_page', 'node', async (page, stand, url) => {
  await page.goto(`${url}/records`)
  await page.waitForSelector('.records li')
  stand.state.account = null
  stand.state.ended = 'role_changed'
  await page.locator('.tabs .pill').nth(1).click()
  await page.waitForSelector('#password')
  await reads(page, 'main', /你的角色已更改，请重新登录/)
  assert.doesNotMatch(await text(page, 'main'), /登录已经结束/)
  await page.reload()                                            // the cookie of that session says it again
  await page.waitForSelector('#password')
  await reads(page, 'main', /你的角色已更改，请重新登录/)
  stand.state.ended = null
  await page.reload()
  await page.waitForSelector('#password')
  assert.doesNotMatch(await text(page, 'main'), /角色已更改/)
  await page.fill('#name', 'officer')
  await page.fill('#password', 'right password')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/records/evaluations')
})

await story('a_whole_sheet_that_was_refused_is_counted_and_shown_by_and_by', 'node', async (page, stand, url) => {
  const one = stand.state.refused[0]
  stand.state.refused = Array.from({ length: 60 }, (_, i) => ({ ...one, id: 1000 + i, subject_id: 1000 + i }))
  stand.state.showRefused = true
  await page.goto(`${url}/`)
  await page.waitForFunction(() => /其中 60 件在“同步”/.test(document.body.textContent))
  await reads(page, 'h1', /62/)                               // and two that wait for something else
  await comes(async () => assert.equal(await page.locator('.task:has-text("省中心未接受")').count(), 5))
  await page.goto(`${url}/sync`)
  await page.waitForSelector('.refusal')
  await comes(async () => assert.equal(await page.locator('.refusal').count(), 20))
  await page.click('button:has-text("更多")')
  await comes(async () => assert.equal(await page.locator('.refusal').count(), 40))
})

await end()
