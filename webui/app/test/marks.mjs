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

await end()
