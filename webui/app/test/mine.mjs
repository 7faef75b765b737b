// mine.mjs - what waits for somebody at home, and what somebody is about to record twice.
// In a real browser against the stand-in; a part of a name as argument plays only those.
import assert from 'node:assert/strict'
import { comes, end, reads, story } from './story.mjs'

const CRAB = '/catalogue/109'

await story('a_price_that_a_colleague_recorded_is_asked_about_and_saved_again_only_when_it_is_meant', 'node', async (page, stand, url) => {
  const fill = async () => {
    await page.goto(`${url}${CRAB}/price`)
    await page.fill('#price_fen', '117.30')
    await page.check('input[value=settled]')
    await page.click('button[type=submit]')
  }
  const before = stand.state.prices.length
  await fill()
  await page.waitForSelector('.stations')
  await fill()
  await page.waitForSelector('.errors')
  await reads(page, '.errors', /同样的价格 officer 在 \d+:\d\d 记过，这次还没有存/)
  await reads(page, '.errors', new RegExp(stand.state.prices[0].no))
  await comes(async () => assert.ok(await page.evaluate(() => document.activeElement?.classList.contains('errors'))))
  assert.equal(stand.state.prices.length, before + 1)
  await page.click('.errors button:last-child')                 // it was the same one
  await page.waitForSelector('.chart')
  assert.equal(stand.state.prices.length, before + 1)
  await fill()
  await page.click('text=是另一次，再存一条')
  await page.waitForSelector('.stations')
  assert.equal(stand.state.prices.length, before + 2)
})

await story('home_counts_all_that_the_province_asks_and_shows_the_newest_replies', 'node', async (page, stand, url) => {
  const one = stand.state.proposals.find((p) => p.state === 'asked')
  const reply = stand.state.proposals.find((p) => p.decision)
  const asked = Array.from({ length: 6 }, (_, i) => ({ ...one, id: 500 + i, no: `TY330127-202610-05${10 + i}`, actor: i ? 'staff' : 'officer' }))
  const newer = Array.from({ length: 30 }, (_, i) => ({ ...one, id: 600 + i, no: `TY330127-202611-06${10 + i}`, state: 'open', talk: [] }))
  stand.state.proposals = [...newer, ...asked, reply]
  stand.state.showRefused = true
  await page.goto(`${url}/`)
  await page.waitForSelector('.count')
  const refused = stand.state.refused.length
  await reads(page, '.count', String(6 + refused + 1))            // and the products to be confirmed
  await reads(page, 'main', /还有 1 条提议省中心在问/)
  await reads(page, 'main', /淳安无核柿：\d 项更正接受了 \d 项/)
  stand.state.account = { name: 'staff', role: 'staff', must_change: false }
  await page.goto(`${url}/`)
  await page.waitForSelector('.count')
  await reads(page, '.count', '5')
})

await end()
