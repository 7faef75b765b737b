// marks.mjs - what the pages say of a record that is not as others: put aside, dated ahead, far from a median of few, refused in
// a sheet.  As behaviour.mjs.
import assert from 'node:assert/strict'
import { end, story, text } from './story.mjs'

const CRAB = '/catalogue/109'

await story('what_is_no_choice_in_a_sheet_is_told_with_the_choices', 'node', async (page, _stand, url) => {
  await page.goto(`${url}/sheet`)
  await page.setInputFiles('input[type=file]', { name: '价格.csv', mimeType: 'text/csv', buffer: Buffer.from('品名,单价\n') })
  await page.click('button.main')
  assert.match(await text(page, '.sheet-errors'), /“听说”没有这个选项，可填：到货结算、供应商报价、市场看价/)
})

for (const [kind, path] of [['node', '/sync'], ['hub', '/audit/held']]) await story(`what_was_put_aside_is_named_tried_again_and_left_aside_on_the_${kind}`, kind, async (page, stand, url) => {
  await page.goto(`${url}${path}`)
  await page.waitForSelector('.asides .held')
  const first = page.locator('.asides .held').first()
  assert.match(await first.innerText(), /舟山三疣梭子蟹.*搁在一边.*要改的那一行和它看到的不一样.*7f3a 19c2.*没有进总账/s)
  await first.locator('button', { hasText: '再试一次' }).click()
  await page.waitForFunction(() => /还是补不进：要改的那一行/.test(document.querySelector('.asides [role=status]')?.textContent ?? ''))
  await first.locator('button', { hasText: '不再补记' }).click()
  await page.click('dialog button.main')
  await page.waitForFunction(() => /还没有填/.test(document.querySelector('dialog')?.textContent ?? ''))
  await page.fill('#aside-note', '已按新的内容重记')
  await page.click('dialog button.main')
  await page.waitForFunction(() => /不再补记.*“已按新的内容重记”/s.test(document.querySelector('.asides .held')?.textContent ?? ''))
  assert.equal(await first.locator('button').count(), 0)
  assert.equal(stand.state.asides[0].decided.note, '已按新的内容重记')
  stand.state.account = { name: 'other', role: kind === 'hub' ? 'auditor' : 'staff', must_change: false }
  Object.assign(stand.state.asides[0], { decided: null })
  await page.reload()
  await page.waitForSelector('.asides .held')
  assert.equal(await page.locator('.asides button').count(), 0)
})

await story('a_price_whose_day_has_not_come_is_marked_wherever_it_is_listed', 'node', async (page, stand, url) => {
  const row = stand.state.prices[0]
  Object.assign(row, { date: '2099-01-03', future: true })
  await page.goto(`${url}/records`)
  await page.waitForFunction(() => document.querySelectorAll('.records .tag').length === 1)
  assert.match(await text(page, '.records .tag'), /日期还没到/)
  await page.goto(`${url}/records/prices/${row.id}`)
  await page.waitForFunction(() => /日期还没到.*到那天才计入比价/s.test(document.querySelector('dl.pairs')?.textContent ?? ''))
  await page.setViewportSize({ width: 1280, height: 800 })
  await page.goto(`${url}/records`)
  await page.waitForFunction(() => document.querySelectorAll('.records-table .tag').length === 1)
})

await story('a_median_of_two_branches_doubts_no_price', 'node', async (page, stand, url) => {
  stand.state.backing = 2
  await page.goto(`${url}${CRAB}/price`)
  await page.fill('#price_fen', '1180')
  await page.check('input[value=quoted]')
  await page.click('button[type=submit]')
  await page.waitForSelector('.stations')
  assert.equal(stand.state.prices[0].price_fen, 118000)
})

await end()
