// marks.mjs - what the pages say of a record that is not as others: put aside, dated ahead, far from a median of few, refused in
// a sheet.  As behaviour.mjs.
import assert from 'node:assert/strict'
import { comes, end, reads, story, text } from './story.mjs'

const CRAB = '/catalogue/109'

await story('what_is_no_choice_in_a_sheet_is_told_with_the_choices', 'node', async (page, _stand, url) => {
  await page.goto(`${url}/sheet`)
  await page.setInputFiles('input[type=file]', { name: '价格.csv', mimeType: 'text/csv', buffer: Buffer.from('品名,单价\n') })
  await page.click('button.main')
  await reads(page, '.sheet-errors', /“听说”没有这个选项，可填：到货结算、供应商报价、市场看价/)
})

for (const [kind, path] of [['node', '/sync'], ['hub', '/audit/held']]) await story(`what_was_put_aside_is_named_tried_again_and_left_aside_on_the_${kind}`, kind, async (page, stand, url) => {
  await page.goto(`${url}${path}`)
  await page.waitForSelector('.asides .held')
  assert.equal(await page.locator('.asides', { hasText: '没有列出' }).count(), 0)
  stand.state.asidesMore = 12
  await page.reload()
  await reads(page, '.asides', /还有 12 条没有列出/)
  const first = page.locator('.asides .held').first()
  await comes(async () => assert.match(await first.innerText(), /舟山三疣梭子蟹.*搁在一边.*要改的那一行和它看到的不一样.*7f3a 19c2.*没有进总账/s))
  await first.locator('button', { hasText: '再试一次' }).click()
  await page.waitForFunction(() => /还是补不进：要改的那一行/.test(document.querySelector('.asides [role=status]')?.textContent ?? ''))
  await first.locator('button', { hasText: '不再补记' }).click()
  await page.click('dialog button.main')
  await page.waitForFunction(() => /还没有填/.test(document.querySelector('dialog')?.textContent ?? ''))
  await page.fill('#aside-note', '已按新的内容重记')
  await page.click('dialog button.main')
  await page.waitForFunction(() => /不再补记.*“已按新的内容重记”/s.test(document.querySelector('.asides .held')?.textContent ?? ''))
  await comes(async () => assert.equal(await first.locator('button').count(), 0))
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
  await reads(page, '.records .tag', /日期还没到/)
  await page.goto(`${url}/records/prices/${row.id}`)
  await page.waitForFunction(() => /日期还没到.*到那天才计入比价/s.test(document.querySelector('dl.pairs')?.textContent ?? ''))
  await page.setViewportSize({ width: 1280, height: 800 })
  await page.goto(`${url}/records`)
  await page.waitForFunction(() => document.querySelectorAll('.records-table .tag').length === 1)
})

await story('a_median_of_two_branches_doubts_no_price_but_the_own_last_one_asks', 'node', async (page, stand, url) => {
  stand.state.backing = 2
  await page.goto(`${url}${CRAB}/price`)
  await page.fill('#price_fen', '1180')
  await page.check('input[value=quoted]')
  await page.click('button[type=submit]')
  await page.waitForSelector('text=改成 118.00')
  await reads(page, '.warn', /1,180.00 与本县上次记录 118.00（/)
  await page.fill('#price_fen', '350')                           // less than three times: a season, nobody is asked
  await page.click('button[type=submit]')
  await page.waitForSelector('.stations')
  assert.equal(stand.state.prices[0].price_fen, 35000)
  stand.state.prices = stand.state.prices.filter((r) => r.product !== 109)
  await page.goto(`${url}${CRAB}/price`)
  await page.fill('#price_fen', '1180')
  await page.check('input[value=quoted]')
  await page.click('button[type=submit]')
  await page.waitForSelector('.stations')
  assert.equal(stand.state.prices[0].price_fen, 118000)
})

await story('a_revoked_branch_promises_nowhere_that_records_go_by_themselves', 'node', async (page, stand, url) => {
  stand.state.stall = 'revoked'
  stand.state.prices[0].at_ms = Date.now()
  const by = /线路恢复后|不用再操作|自动上报/
  for (const path of ['/', '/sync', `/records/prices/${stand.state.prices[0].id}`]) {
    await page.goto(`${url}${path}`)
    await page.waitForFunction(() => /重新接入本行以后才报上去，请告诉管理员/.test(document.querySelector('main')?.textContent ?? ''))
    assert.doesNotMatch(await text(page, 'main'), by)
  }
  await page.goto(`${url}/`)
  await page.waitForFunction(() => /等管理员处理/.test(document.querySelector('.rows .task')?.textContent ?? ''))
})

await story('a_price_that_the_node_alone_doubts_can_be_explained', 'node', async (page, stand, url) => {
  stand.state.prices = stand.state.prices.filter((r) => r.product !== 109)
  let asked = 0
  await page.route('**/api/v1/products/109', async (route) => { const r = await route.fetch(); if (asked++) return route.fulfill({ response: r }); await route.fulfill({ response: r, json: { ...await r.json(), province: null } }) })
  await page.goto(`${url}${CRAB}/price`)
  await page.fill('#price_fen', '1180')
  await page.check('input[value=quoted]')
  await page.click('button[type=submit]')
  await page.waitForSelector('text=改成 118.00')
  await page.click('text=没有错，我写明原因')
  await page.fill('#note', '整只精品礼盒')
  await page.click('button[type=submit]')
  await page.waitForSelector('.stations')
  assert.equal(stand.state.prices[0].price_fen, 118000)
})

await story('an_own_price_that_only_the_node_knows_is_what_the_question_shows', 'node', async (page, stand, url) => {
  stand.state.backing = 2
  await page.route('**/api/v1/products/109/prices*', async (route) => { const r = await route.fetch(); await route.fulfill({ response: r, json: { ...await r.json(), own: [] } }) })
  await page.goto(`${url}${CRAB}/price`)
  await page.fill('#price_fen', '1180')
  await page.check('input[value=quoted]')
  await page.click('button[type=submit]')
  await page.waitForSelector('text=改成 118.00')
  await reads(page, '.warn', /1,180.00 与本县上次记录 118.00（/)
  await page.click('text=没有错，我写明原因')
  await page.fill('#note', '整只精品礼盒')
  await page.click('button[type=submit]')
  await page.waitForSelector('.stations')
  assert.equal(stand.state.prices[0].price_fen, 118000)
})

await story('a_delisted_product_offers_neither_a_price_nor_a_rating_and_a_wrong_price_names_its_way', 'node', async (page, stand, url) => {
  await page.setViewportSize({ width: 1280, height: 800 })
  await page.goto(`${url}${CRAB}/price`)
  await page.waitForFunction(() => /“更正”或“作废”/.test(document.querySelector('aside')?.textContent ?? ''))
  await page.goto(`${url}${CRAB}`)
  await page.waitForSelector(`a[href="${CRAB}/rate"]`)
  stand.state.products.find((p) => p.id === 109).status = 'delisted'
  await page.reload()
  await page.waitForFunction(() => /下架/.test(document.querySelector('main')?.textContent ?? ''))
  assert.equal(await page.locator(`a[href="${CRAB}/rate"], a[href="${CRAB}/price"]`).count(), 0)
  // Nor does an address that was typed or kept: it says so in place, with what can be done.
  for (const [path, record] of [['price', '/price'], ['rate', '/rate'], [`price?replaces=${stand.state.prices[0].id}`, `/records/prices/${stand.state.prices[0].id}`]]) {
    await page.goto(`${url}${CRAB}/${path}`)
    await page.waitForSelector('main .note[data-state=attention]')
    await reads(page, 'main .note', /已下架/)
    assert.equal(await page.locator('main form').count(), 0)
    await comes(async () => assert.equal(await page.locator(`.acts a.main[href="${record}"]`).count(), 1))
  }
})

await end()
