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
