// behaviour.mjs - what the pages do when something happens: the node falls silent, a page is reloaded, a login ends.
// In a real browser against the stand-in; the end-to-end tests tell the same stories with the real programs.
import assert from 'node:assert/strict'
import { chosen, end, held, story, text } from './story.mjs'

const CRAB = '/catalogue/109'

await story('a_record_made_while_the_node_is_silent_waits_on_the_phone_and_arrives_once', 'node', async (page, stand, url) => {
  await page.goto(`${url}${CRAB}/price`)
  await page.fill('#price_fen', '118')
  await page.check('input[value=settled]')
  const before = stand.state.prices.length
  stand.state.silentUntil = Date.now() + 3000
  await page.click('button[type=submit]')
  await page.waitForSelector('.stations')
  assert.equal(await text(page, 'h1'), '已存本机')
  assert.ok(!/已提交|上传成功/.test(await text(page, 'main')))
  await page.reload()                                   // the phone may be put away and taken out again
  await page.waitForFunction(() => document.querySelector('h1')?.textContent === '已存本行', null, { timeout: 15_000 })
  assert.equal(stand.state.prices.length, before + 1)
})

await story('an_answer_lost_on_the_way_does_not_make_the_record_twice', 'node', async (page, stand, url) => {
  await page.goto(`${url}${CRAB}/price`)
  await page.fill('#price_fen', '117')
  await page.check('input[value=market]')
  const before = stand.state.prices.length
  let lost = 0
  await page.route('**/api/v1/prices', async (route) => {
    if (route.request().method() !== 'POST' || lost++) return route.continue()
    await route.fetch()                                 // it reaches the node, the answer does not come back
    await route.abort()
  })
  await page.click('button[type=submit]')
  await page.waitForFunction(() => document.querySelector('h1')?.textContent === '已存本行', null, { timeout: 15_000 })
  assert.equal(stand.state.prices.length, before + 1)
})

await story('what_was_typed_is_there_after_a_reload', 'node', async (page, _stand, url) => {
  await page.goto(`${url}${CRAB}/price`)
  await page.fill('#price_fen', '119.50')
  await page.fill('#note', '涨价')
  await page.waitForTimeout(100)
  await page.reload()
  await page.waitForSelector('#price_fen')
  assert.equal(await page.inputValue('#price_fen'), '119.50')
  assert.equal(await page.inputValue('#note'), '涨价')
  await page.click('.note .bare')
  assert.equal(await page.inputValue('#price_fen'), '')
})

await story('a_price_ten_times_too_high_is_doubted_and_mended_with_one_press', 'node', async (page, stand, url) => {
  await page.goto(`${url}${CRAB}/price`)
  await page.fill('#price_fen', '1180')
  await page.check('input[value=quoted]')
  await page.click('button[type=submit]')
  await page.waitForSelector('.errors')
  assert.match(await text(page, '.errors'), /还没有存：1 处请核对/)
  assert.ok(await page.evaluate(() => document.activeElement?.classList.contains('errors')))
  await page.click('text=改成 118.00')
  await page.click('button[type=submit]')
  await page.waitForSelector('.stations')
  assert.equal(stand.state.prices[0].price_fen, 11800)
})

await story('the_same_price_goes_in_with_a_reason', 'node', async (page, stand, url) => {
  await page.goto(`${url}${CRAB}/price`)
  await page.fill('#price_fen', '1180')
  await page.check('input[value=quoted]')
  await page.click('button[type=submit]')
  await page.click('text=没有错，我写明原因')
  await page.click('button[type=submit]')
  await page.waitForSelector('.errors')
  await page.fill('#note', '整只精品礼盒')
  await page.click('button[type=submit]')
  await page.waitForSelector('.stations')
  assert.equal(stand.state.prices[0].price_fen, 118000)
})

await story('the_line_comes_back_and_the_page_says_so_by_itself', 'node', async (page, stand, url) => {
  await page.goto(`${url}${CRAB}/price`)
  await page.fill('#price_fen', '118')
  await page.check('input[value=settled]')
  await page.click('button[type=submit]')
  await page.waitForSelector('.stations')
  assert.match(await text(page, '.chip'), /断网/)
  stand.state.link = 'up'
  await page.waitForFunction(() => document.querySelector('h1')?.textContent === '省中心已收', null, { timeout: 15_000 })
  assert.match(await text(page, '.chip'), /已同步/)
})

await story('a_login_that_ended_comes_back_to_where_it_was', 'node', async (page, stand, url) => {
  await page.goto(`${url}/records`)
  await page.waitForSelector('.records li')
  stand.state.account = null
  await page.locator('.tabs .pill').nth(1).click()
  await page.waitForSelector('#password')
  assert.match(await text(page, 'main'), /登录过期了/)
  await page.fill('#name', 'officer')
  await page.fill('#password', 'right password')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/records/evaluations')
})

await story('no_address_of_ours_leads_to_another_site_not_even_to_newer_pages', 'node', async (page, stand, url) => {
  const elsewhere = []
  await page.route(/^https?:\/\/example\.invalid/, (route) => { elsewhere.push(route.request().url()); return route.fulfill({ status: 200, contentType: 'text/html', body: '<h1>elsewhere</h1>' }) })
  stand.state.account = null
  await page.goto(`${url}/login?to=//example.invalid/x`)
  await page.waitForSelector('#password')
  await page.waitForTimeout(2500)                                // what looks for newer pages is there
  stand.upgrade()
  const looked = page.waitForResponse((r) => r.url() === `${url}/`)
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
  await (await looked).text()
  await page.waitForTimeout(200)
  await page.fill('#name', 'officer')
  await page.fill('#password', 'right password')
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => document.querySelector('.services') || /elsewhere/.test(document.body.textContent))
  assert.deepEqual(elsewhere, [])
  assert.equal(page.url(), `${url}/`)
})

await story('a_rating_is_corrected_from_what_was_saved_and_the_old_one_is_struck', 'node', async (page, stand, url) => {
  await page.goto(`${url}/records/evaluations`)
  await page.waitForSelector('.records li')
  const old = stand.state.evaluations[0]
  await page.locator('.pend-end a.button').first().click()
  await page.waitForSelector('form .note')
  assert.ok(await page.isChecked(`input[name=quality][value="${old.quality}"]`))
  assert.equal(await page.inputValue('#remark'), old.remark)
  await page.fill('#remark', '看错了单子')
  await page.click('button[type=submit]')
  await page.waitForURL('**/records/evaluations?new=1')
  await page.waitForSelector('.records del')
  assert.equal(stand.state.evaluations[0].replaces, old.id)
  assert.equal(stand.state.evaluations[0].delivery, old.delivery)
})

await story('a_place_is_shown_as_it_will_be_sent_however_late_the_places_come', 'node', async (page, stand, url) => {
  const crab = stand.state.products.find((p) => p.id === 109)
  crab.origin_code = 330127
  for (const [path, id, name, code] of [[`${CRAB}/correct`, '#origin_code', '淳安县', '330127'], ['/suppliers/1/correct', '#division', '普陀区', '330903']]) {
    const come = await held(page, 'divisions')
    await page.goto(`${url}${path}`)
    await page.waitForSelector(id)
    assert.equal(await chosen(page, id), `${code} ${code}`)                  // nothing else while nothing is known
    come()
    await page.waitForFunction((at) => document.querySelectorAll(`${at} option`).length > 3, id)
    assert.equal(await chosen(page, id), `${name} ${code}`)
    await page.unroute('**/api/v1/divisions')
  }
  crab.origin_code = 339999                                                 // a place that is not listed is not another one
  await page.goto(`${url}${CRAB}/correct`)
  await page.waitForFunction(() => document.querySelectorAll('#origin_code option').length > 3)
  assert.equal(await chosen(page, '#origin_code'), '339999 339999')
  await page.selectOption('#origin_code', '330127')
  assert.match(await text(page, '.panel'), /产地\s*339999 → 330127/)
})

await story('one_of_the_logins_is_ended_and_this_one_stays', 'node', async (page, stand, url) => {
  await page.goto(`${url}/me`)
  const ends = page.getByRole('button', { name: /^退出这一处/ })
  await ends.waitFor()
  assert.equal(await ends.count(), 1)
  await ends.click()
  await page.waitForFunction(() => ![...document.querySelectorAll('button')].some((b) => /退出这一处/.test(b.textContent)))
  assert.deepEqual(stand.state.sessions.map((s) => s.own), [true])
})

await story('a_wrong_amount_says_what_is_wrong_and_a_comma_never_makes_it_a_hundred_times_too_much', 'node', async (page, stand, url) => {
  const before = stand.state.prices.length
  await page.goto(`${url}${CRAB}/price`)
  await page.check('input[value=market]')
  for (const [typed, said] of [['12,50', /逗号只隔开千位/], ['-5', /不能是负数/], ['12.345', /最多 2 位小数/], ['99999999', /不能超过 1000000/], ['十二', /不是数字/]]) {
    await page.fill('#price_fen', typed)
    await page.click('button[type=submit]')
    await page.waitForFunction((said) => new RegExp(said).test(document.querySelector('.errors')?.textContent ?? ''), said.source)
  }
  assert.equal(stand.state.prices.length, before)
  await page.fill('#price_fen', '１１８．５')
  await page.click('button[type=submit]')
  await page.waitForFunction(() => document.querySelector('h1')?.textContent === '已存本行')
  assert.equal(stand.state.prices[0].price_fen, 11850)
})

await story('the_button_of_an_export_says_what_the_workbook_gives', 'node', async (page, _stand, url) => {
  await page.route(/\/api\/v1\/(prices|catalogue)\?/, async (route) => {
    const body = await (await route.fetch()).json()
    await route.fulfill({ json: { ...body, total: 27112, export_most: 10000 } })
  })
  await page.goto(`${url}/records`)
  await page.waitForSelector('a[href*="prices.xlsx"]')
  assert.match(await text(page, 'a[href*="prices.xlsx"]'), /^\s*导出前 10,000 条，共 27,112 条\s*$/)
  await page.goto(`${url}/catalogue`)
  await page.waitForFunction(() => /导出前 10,000 条，共 27,112 条/.test(document.querySelector('a[href*="catalogue.xlsx"]')?.textContent ?? ''))
})

await story('a_sheet_without_a_column_is_told_which', 'node', async (page, _stand, url) => {
  await page.route('**/api/v1/prices/import', (route) => route.fulfill({ status: 400, json: { error: { kind: 'input', rule: 'missing_column', field: '采价日期', text: 'the sheet has no column "采价日期"' } } }))
  await page.goto(`${url}/sheet`)
  await page.setInputFiles('input[type=file]', { name: '价格.csv', mimeType: 'text/csv', buffer: Buffer.from('品名,单价\n') })
  await page.click('button.main')
  assert.match(await text(page, '.note[role=alert]'), /“采价日期”缺这一列/)
})

await story('a_sheet_that_comes_again_is_asked_about_and_what_was_not_read_is_told', 'node', async (page, _stand, url) => {
  const asked = []
  await page.route('**/api/v1/prices/import**', (route) => {
    asked.push(new URL(route.request().url()).search)
    if (asked.length === 1) return route.fulfill({ status: 409, json: { error: { kind: 'conflict', rule: 'repeated', field: '', text: '1 of the sheet\'s 2 prices are recorded already', params: { rows: [{ row: 2, product: 1, id: 7, no: 'JG330127-202611-0007', price_fen: 3850, same_price: true, actor: 'officer', at_ms: 1795900000000 }], repeated: 1, fresh: 1, sheet: null } } } })
    return route.fulfill({ status: 201, json: { accepted: 1, left_out: 1, first_no: 'JG330127-202611-0009', last_no: 'JG330127-202611-0009', errors: [], read: { sheet: '价格', heading_row: 2, columns_not_read: '采价人、#8', sheets_not_read: null, rows_left_out: [{ row: 9, rule: 'sum_row', value: '合计' }] } } })
  })
  await page.goto(`${url}/sheet`)
  await page.setInputFiles('input[type=file]', { name: '价格.csv', mimeType: 'text/csv', buffer: Buffer.from('品名,单价\n') })
  await page.click('button.main')
  await page.waitForSelector('.sheet-errors')
  assert.match(await text(page, '.sheet-errors'), /1 行已经记过.*JG330127-202611-0007.*38\.50/s)
  await page.click('.sheet-errors button.main')
  await page.waitForSelector('.result')
  assert.deepEqual(asked, ['', '?again=new'])
  const said = await text(page, '.result')
  assert.match(said, /读的是工作表“价格”，第 2 行是表头/)
  assert.match(said, /“采价人”、第 8 列这些列不认识/)
  assert.match(said, /第 9 行没有存：合计行/)
  assert.doesNotMatch(said, /[a-z]{4,}/)
})

await story('prices_of_a_sheet_follow_the_line_and_another_sheet_may_come', 'node', async (page, stand, url) => {
  const no = stand.state.prices[0].no
  await page.route('**/api/v1/prices/import**', (route) => route.fulfill({ status: 201, json: { accepted: 1, left_out: 0, first_no: no, last_no: no, errors: [], read: { sheet: null, heading_row: 1, columns_not_read: null, sheets_not_read: null, rows_left_out: [] } } }))
  let at = 'branch'
  await page.route('**/api/v1/prices?**', async (route) => { const r = await route.fetch(); const j = await r.json(); for (const x of j.items) x.place.at = at; await route.fulfill({ json: j }) })
  await page.goto(`${url}/sheet`)
  await page.setInputFiles('input[type=file]', { name: '价格.csv', mimeType: 'text/csv', buffer: Buffer.from('品名,单价\n') })
  await page.click('button.main')
  await page.waitForSelector('.result .place[data-at=branch]')
  at = 'province'
  stand.state.link = 'up'
  await page.waitForSelector('.result .place[data-at=province]', { timeout: 15_000 })
  assert.match(await text(page, '.result'), /都到省中心了/)
  await page.click('.result button')
  await page.waitForSelector('input[type=file]', { state: 'attached' })
})

await story('staff_are_not_offered_what_they_may_not_do', 'node', async (page, stand, url) => {
  stand.state.account = { name: 'staff', role: 'staff', must_change: false }
  await page.goto(`${url}/`)
  await page.waitForSelector('.services')
  assert.doesNotMatch(await text(page, '.services'), /记价格|价格表/)
  assert.doesNotMatch(await text(page, 'main'), /没有要核实的产品/)
})

await story('the_focus_goes_to_the_heading_of_a_new_page_and_the_tab_is_named_after_it', 'node', async (page, _stand, url) => {
  await page.goto(`${url}/`)
  await page.waitForSelector('.product')
  await page.locator('.product').first().focus()
  await page.keyboard.press('Enter')
  await page.waitForSelector('.ring-l')
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'H1')
  assert.match(await page.title(), /淳安无核柿/)
})

await story('three_quick_presses_on_more_show_each_row_once', 'node', async (page, stand, url) => {
  await page.goto(`${url}/catalogue?season=all`)
  await page.waitForSelector('.catalogue .product')
  let asked = 0
  page.on('request', (r) => { if (/catalogue\?.*after=/.test(r.url())) asked++ })
  await page.evaluate(() => { for (let i = 0; i < 3; i++) document.querySelector('.more button')?.click() })
  await page.waitForFunction(() => document.querySelectorAll('.catalogue .product').length > 50)
  await page.waitForTimeout(300)
  const shown = await page.evaluate(() => [...document.querySelectorAll('.catalogue .product')].map((a) => a.getAttribute('href')))
  assert.equal(shown.length, 100)
  assert.equal(new Set(shown).size, 100)
  assert.equal(asked, 1)
})

await story('an_answer_for_more_that_comes_after_the_list_has_become_another_is_dropped', 'node', async (page, _stand, url) => {
  await page.goto(`${url}/catalogue?season=all`)
  await page.waitForSelector('.catalogue .product')
  let letGo
  await page.route('**/api/v1/catalogue*after=*', async (route) => { await new Promise((ok) => { letGo = ok }); await route.continue() })
  await page.click('.more button')
  await page.fill('input[type=search]', 'qdh')
  await page.waitForSelector('.catalogue mark')
  const before = await page.locator('.catalogue .product').count()
  letGo()
  await page.waitForTimeout(400)
  assert.equal(await page.locator('.catalogue .product').count(), before)
})

await story('a_list_is_where_it_was_left_by_the_back_key_and_by_the_crumb', 'node', async (page, _stand, url) => {
  await page.goto(`${url}/catalogue?season=all&sort=name`)
  await page.waitForSelector('.catalogue .product')
  await page.click('.more button')
  await page.waitForFunction(() => document.querySelectorAll('.catalogue .product').length === 100)
  for (const back of ['key', 'crumb', 'crumb after a form']) {
    await page.evaluate(() => scrollTo(0, 5200))
    await page.waitForTimeout(50)
    const top = await page.evaluate(() => scrollY)
    assert.ok(top > 3000)
    await page.evaluate(() => { const seen = [...document.querySelectorAll('.catalogue .product')].find((a) => a.getBoundingClientRect().top > 200); seen.click() })
    await page.waitForSelector('.hero')
    if (back === 'crumb after a form') {
      await page.locator('.acts .main').first().click()
      await page.waitForSelector('#price_fen')
      await page.locator('a.crumb').click()
      await page.waitForSelector('.hero')
    }
    if (back === 'key') await page.goBack()
    else await page.locator('a.crumb').click()
    await page.waitForFunction((top) => document.querySelectorAll('.catalogue .product').length === 100 && Math.abs(scrollY - top) < 3, top, { timeout: 4000 })
    assert.match(page.url(), /season=all&sort=name/)
  }
})

await story('a_correction_begins_with_the_record_it_corrects_and_marks_what_was_changed', 'node', async (page, stand, url) => {
  const old = stand.state.prices[1]
  await page.goto(`${url}/catalogue/${old.product}/price?replaces=${old.id}`)
  await page.waitForSelector('.old-record')
  assert.equal(await page.inputValue('#price_fen'), (old.price_fen / 100).toFixed(2))
  assert.equal(await page.inputValue('#date'), old.date)
  assert.ok(await page.isChecked(`input[value=${old.source}]`))
  assert.equal(await page.inputValue('#qty'), String(old.qty))
  assert.equal(await page.inputValue('#supplier'), String(old.supplier))
  await page.reload()
  await page.waitForSelector('.old-record')
  assert.equal(await page.locator('.form .note .bare').count(), 0)   // nobody typed: no draft
  await page.click('button[type=submit]')
  await page.waitForFunction(() => /还没有改任何一项/.test(document.querySelector('.errors')?.textContent ?? ''))
  await page.fill('#price_fen', '101')
  assert.match(await text(page, 'label[for=price_fen]'), /已改/)
  assert.doesNotMatch(await text(page, 'label[for=qty]'), /已改/)
  assert.equal(await text(page, '.old-record del'), `${(old.price_fen / 100).toFixed(2)} 元/公斤`)
  await page.click('button[type=submit]')
  await page.waitForSelector('.stations')
  const made = stand.state.prices[0]
  assert.deepEqual([made.replaces, made.price_fen, made.qty, made.supplier, made.date, made.source], [old.id, 10100, old.qty, old.supplier, old.date, old.source])
})

await story('without_the_record_that_is_corrected_no_form_is_there_to_save', 'node', async (page, stand, url) => {
  const [old] = stand.state.prices
  const sent = []
  page.on('request', (r) => { if (r.method() === 'POST' && /\/(prices|evaluations)$/.test(r.url())) sent.push(r.url()) })
  await page.route(`**/api/v1/prices/${old.id}*`, (route) => route.abort())
  await page.goto(`${url}/catalogue/${old.product}/price?replaces=${old.id}`)
  await page.waitForSelector('.empty[role=alert]')
  assert.equal(await page.locator('form').count(), 0)
  assert.match(await text(page, '.note'), /要更正的那条.*还没有取到/s)
  await page.unroute(`**/api/v1/prices/${old.id}*`)
  await page.click('.empty button')
  await page.waitForSelector('.old-record')
  await page.goto(`${url}/catalogue/101/price?replaces=${old.id}`)          // of another product
  await page.waitForFunction(() => /不是这种产品的/.test(document.querySelector('main')?.textContent ?? ''))
  assert.equal(await page.locator('form').count(), 0)
  assert.deepEqual(sent, [])
})

await story('a_rating_of_long_ago_is_corrected_by_its_number', 'node', async (page, stand, url) => {
  const [first] = stand.state.evaluations
  for (let i = 0; i < 230; i++) stand.state.evaluations.unshift({ ...first, id: 5000 + i, no: `PJ330127-202611-${5000 + i}`, remark: 'newer' })
  await page.goto(`${url}/catalogue/${first.product}/rate?replaces=${first.id}`)
  await page.waitForSelector('form .note')
  assert.equal(await page.inputValue('#remark'), first.remark)
  await page.goto(`${url}/catalogue/${first.product}/rate?replaces=4242`)
  await page.waitForSelector('.empty[role=alert]')
  assert.equal(await page.locator('form').count(), 0)
})

await story('the_price_of_a_usual_product_is_four_taps_from_home_and_the_next_one_follows', 'node', async (page, stand, url) => {
  await page.goto(`${url}/`)
  await page.waitForSelector('.services')
  let taps = 0
  const tap = async (at) => { taps++; await page.locator(at).first().click() }
  await tap('.services a')
  await tap('.pick-row')
  await page.fill('#price_fen', '118')
  await tap('label:has(input[value=settled])')
  await tap('button[type=submit]')
  await page.waitForSelector('.stations')
  assert.equal(taps, 4)
  assert.equal(await text(page, '.after .main'), '记下一个产品')
  await page.click('.after .main')
  await page.waitForSelector('.pick-row')
  await page.fill('input[type=search]', '草莓')                 // of any season
  await page.waitForFunction(() => /建德草莓/.test(document.querySelector('.pick-row')?.textContent ?? ''))
  assert.match(page.url(), /q=/)
})

await story('records_are_searched_filtered_and_sorted_in_the_address', 'node', async (page, stand, url) => {
  await page.goto(`${url}/records`)
  await page.waitForSelector('.records li')
  await page.click('.picks.tight .pill')
  await page.waitForSelector('dialog.drawer[open]')
  await page.selectOption('#p-source', 'market')
  await page.waitForFunction(() => /看 2 条/.test(document.querySelector('.drawer .main')?.textContent ?? ''))
  await page.goBack()                                            // closes the drawer, stays on the page, keeps what was chosen
  await page.waitForFunction(() => !document.querySelector('dialog.drawer[open]'))
  await page.waitForFunction(() => document.querySelectorAll('.records li').length === 2)
  assert.match(page.url(), /\/records\?source=market$/)
  assert.match(await page.locator('.page-head a[download]').getAttribute('href'), /prices\.xlsx\?source=market$/)
  await page.selectOption('.picks.tight select', 'cheapest')
  await page.waitForURL('**sort=cheapest**')
  await page.waitForFunction(() => /96\.00/.test(document.querySelector('.records li')?.textContent ?? ''))
  await page.fill('input[type=search]', '没有')
  await page.waitForSelector('.empty')
  await page.click('.empty button')
  await page.waitForFunction(() => document.querySelectorAll('.records li').length === 8)
  await page.setViewportSize({ width: 1280, height: 900 })
  await page.waitForSelector('.records-table')
  await page.click('.records-table th:nth-child(3) button')
  await page.waitForFunction(() => /146\.00/.test(document.querySelector('.records-table tbody tr')?.textContent ?? ''))
  assert.equal(await page.locator('.records-table th:nth-child(3)').getAttribute('aria-sort'), 'descending')
})

await story('the_back_key_closes_the_filters_of_the_catalogue_and_not_the_page', 'node', async (page, _stand, url) => {
  await page.goto(`${url}/`)
  await page.waitForSelector('.services')
  await page.locator('nav.menu a').nth(1).click()
  await page.waitForSelector('.catalogue .product')
  await page.locator('.picks .pill').last().click()
  await page.waitForSelector('dialog.drawer[open]')
  await page.locator('dialog.drawer .pick', { hasText: '海鲜水产' }).click()
  await page.waitForURL('**group=aquatic**')
  await page.goBack()
  await page.waitForFunction(() => !document.querySelector('dialog.drawer[open]'))
  await page.waitForURL(/\/catalogue\?.*group=aquatic/)          // the step below takes what was chosen
  await page.locator('.picks .pill').last().click()
  await page.waitForSelector('dialog.drawer[open]')
  await page.locator('dialog.drawer .main').click()              // its own button does the same
  await page.waitForFunction(() => !document.querySelector('dialog.drawer[open]'))
  assert.match(page.url(), /group=aquatic/)
  await page.goBack()
  await page.waitForSelector('.services')
})

await story('the_back_key_closes_a_dialog_and_not_the_page', 'node', async (page, _stand, url) => {
  const open = async () => { await page.click('.note button'); await page.waitForSelector('dialog[open]') }
  const shut = async () => { await page.waitForFunction(() => !document.querySelector('dialog')); assert.match(page.url(), /\/catalogue\/101$/) }
  await page.goto(`${url}/catalogue/101`)                        // the first page of the browser: nothing of ours is behind it
  await open()
  await page.goBack()
  await shut()
  await page.goto(`${url}/`)
  await page.waitForSelector('.services')
  await page.evaluate(() => document.querySelector('nav.menu a[href="/catalogue"]').click())
  await page.waitForSelector('.catalogue .product')
  await page.goto(`${url}/catalogue?season=all`)
  await page.waitForSelector('.catalogue .product')
  await page.locator('.catalogue .product[href="/catalogue/101"]').click()
  for (let i = 0; i < 2; i++) {
    await open()
    await page.goBack()
    await shut()
  }
  await open()
  await page.keyboard.press('Escape')
  await shut()
  await page.goBack()                                            // no step is left over
  await page.waitForSelector('.catalogue .product')
})

await story('to_confirm_asks_once_more_and_says_what_it_means', 'node', async (page, _stand, url) => {
  const sent = []
  page.on('request', (r) => { if (r.method() === 'POST' && r.url().endsWith('/confirmations')) sent.push(r.postDataJSON().product) })
  await page.goto(`${url}/catalogue/101`)
  await page.click('.note button')
  await page.waitForSelector('dialog[open]')
  assert.deepEqual(sent, [])
  assert.match(await text(page, 'dialog'), /上市月份/)
  await page.click('dialog .main')
  await page.waitForFunction(() => /已经核实/.test(document.querySelector('.note')?.textContent ?? ''))
  assert.deepEqual(sent, [101])
  await page.goto(`${url}/confirm`)
  await page.waitForSelector('.confirm-row')
  const all = await page.locator('.confirm-row').count()
  await page.locator('.confirm-row input').nth(0).check()
  await page.locator('.confirm-row input').nth(1).check()
  await page.click('.acts .main')
  await page.waitForFunction((n) => document.querySelectorAll('.confirm-row').length === n, all - 2)
  assert.equal(sent.length, 3)
  assert.match(await text(page, '.note'), /2 种已核实/)
})

await story('records_are_carried_on_a_stick_and_the_receipt_is_taken', 'node', async (page, _stand, url) => {
  await page.goto(`${url}/sync`)
  await page.click('.stick-task')
  await page.waitForSelector('dialog[open]')
  assert.match(await page.locator('dialog a[download]').getAttribute('href'), /sync\/carry$/)
  await page.setInputFiles('dialog input[type=file]', { name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('no') })
  await page.waitForFunction(() => /不是记录文件/.test(document.querySelector('dialog')?.textContent ?? ''))
  await page.setInputFiles('dialog input[type=file]', { name: 'a.receipt', mimeType: 'application/octet-stream', buffer: Buffer.from('sunlit.carry.v1\nx') })
  await page.waitForFunction(() => /省中心已收到本行第/.test(document.querySelector('dialog')?.textContent ?? ''))
})

await story('who_may_not_act_is_told_who_does', 'node', async (page, stand, url) => {
  stand.state.account = { name: 'staff', role: 'staff', must_change: false }
  stand.state.showRefused = true
  stand.state.link = 'up'
  await page.goto(`${url}/`)
  await page.waitForFunction(() => /由后勤专员处理/.test(document.querySelector('main')?.textContent ?? ''))
  await page.goto(`${url}/sync`)
  await page.waitForSelector('.refusal')
  assert.match(await text(page, '.refusal'), /后勤专员更正或作废/)
  assert.equal(await page.locator('.refusal .acts').count(), 0)
})

await story('english_changes_every_word_and_keeps_what_was_typed', 'node', async (page, _stand, url) => {
  await page.goto(`${url}/me`)
  await page.check('input[value=en]')
  await page.waitForFunction(() => document.documentElement.lang === 'en')
  assert.equal(await text(page, 'h1'), 'Me')
  await page.goto(`${url}/`)
  await page.waitForSelector('.product')
  const chinese = await page.evaluate(() => [...document.querySelectorAll('h1,h2,nav,button,.chip,.product')].map((e) => e.textContent).join('').match(/[\u4e00-\u9fff]/g))
  assert.equal(chinese, null)
})

await story('a_temporary_password_is_replaced_before_anything_else', 'node', async (page, stand, url) => {
  stand.state.account = null
  await page.goto(`${url}/`)
  await page.fill('#name', 'staff')
  await page.fill('#password', 'first')
  await page.click('button[type=submit]')
  await page.waitForURL('**/password')
  await page.waitForSelector('#old')
  assert.equal(await page.locator('nav.menu').count(), 0)                  // it would lead nowhere else
  await page.fill('#old', 'first')
  await page.fill('#new', 'three rivers meet')
  await page.fill('#repeat', 'three rivers meet')
  await page.click('button[type=submit]')
  await page.waitForSelector('.product')
  assert.equal(await page.locator('text=价格表').count(), 0)
})

await story('a_branch_answers_and_withdraws_its_proposal', 'node', async (page, stand, url) => {
  const p = stand.state.proposals.find((x) => x.state === 'asked')
  await page.goto(`${url}/proposals/${p.id}`)
  await page.fill('#answer', '十月和十一月')
  await page.click('form .main')
  await page.waitForSelector('text=本行补充')
  assert.equal(p.state, 'open')
  await page.click('text=撤回')
  await page.fill('#withdraw-reason', '写错了产品')
  await page.click('dialog .danger')
  await page.waitForSelector('text=已撤回')
  assert.equal(p.state, 'withdrawn')
})

await story('a_price_in_the_comparison_is_two_clicks_from_its_signed_entry', 'hub', async (page, _stand, url) => {
  await page.goto(`${url}/compare/109`)
  await page.locator('.compare tbody tr td a').first().click()
  await page.waitForSelector('.trail tbody tr')
  assert.match(page.url(), /\/behind\/price\?.*branch=/)
  assert.match(await page.locator('.page-head a.button').getAttribute('href'), /audit\/evidence\?pos=\d+%2C\d+/)
  await page.locator('.trail tbody tr a').first().click()
  await page.waitForSelector('.proofs li')
  assert.match(page.url(), /\/audit\/1204910$/)
})

await story('a_pasted_checkpoint_is_judged_in_words_and_its_proof_can_be_kept', 'hub', async (page, _stand, url) => {
  await page.goto(`${url}/audit/checkpoint`)
  let sent = ''
  page.on('request', (r) => { if (r.method() === 'POST') sent = r.postData() ?? '' })
  await page.fill('#kept', '\n330000.sunlit/log continues\n\n— x y')      // as a person copies it: a line too many, the last one open
  await page.click('button.main')
  await page.waitForSelector('#verdict')
  assert.equal(JSON.parse(sent).note, '330000.sunlit/log continues\n\n— x y\n')
  assert.match(await text(page, '#verdict'), /一致/)
  const [file] = await Promise.all([page.waitForEvent('download'), page.click('#verdict a.button')])
  assert.equal(file.suggestedFilename(), 'sunlit-consistency-1180032-1204911.txt')
  await page.fill('#kept', '330000.sunlit/log forked')
  await page.click('button.main')
  await page.waitForFunction(() => /改写/.test(document.querySelector('#verdict')?.textContent ?? ''))
})

await story('a_refused_entry_is_dealt_with_and_says_by_whom', 'hub', async (page, _stand, url) => {
  await page.goto(`${url}/audit/held`)
  await page.locator('.held button').first().click()
  await page.click('dialog button.main')
  await page.waitForSelector('dialog .err')                                // nothing is recorded without a word
  await page.fill('#held-note', '支行已重新记录')
  await page.click('dialog button.main')
  await page.waitForFunction(() => [...document.querySelectorAll('.held')].filter((h) => /已处理/.test(h.textContent ?? '')).length === 2)
})

await story('a_price_that_a_person_turned_down_says_who_and_why', 'node', async (page, stand, url) => {
  stand.state.showRefused = true
  Object.assign(stand.state.refused[0], { rule: 'price_judged', detail: { price_fen: 32000, median_fen: 3800, reason: '单条大鱼不计入比价', by: 'mulan' } })
  await page.goto(`${url}/sync`)
  await page.waitForSelector('.refusal')
  const card = await text(page, '.refusal')
  assert.match(card, /单条大鱼不计入比价/)
  assert.match(card, /省中心 mulan/)
  assert.ok(!/自动检查|采价规则/.test(card), card)
})

await story('a_price_that_waits_for_a_person_says_so', 'node', async (page, stand, url) => {
  await page.goto(`${url}${CRAB}/price`)
  await page.fill('#price_fen', '117')
  await page.check('input[value=market]')
  await page.click('button[type=submit]')
  await page.waitForSelector('.stations')
  Object.assign(stand.state.prices[0], { waits: true, at_ms: Date.now() - 86400_000 })
  stand.state.link = 'up'
  await page.goto(`${url}/records/prices/${stand.state.prices[0].id}`)
  await page.waitForFunction(() => /等省中心的人看/.test(document.querySelector('.result')?.textContent ?? ''))
  await page.goto(`${url}/records`)
  await page.waitForFunction(() => /等省中心的人看/.test(document.querySelector('.records')?.textContent ?? ''))
})

await story('a_proposal_sent_back_waits_at_home_and_says_so_in_its_list', 'node', async (page, stand, url) => {
  stand.state.account = { name: 'staff', role: 'staff', must_change: false }
  const [asked] = stand.state.proposals.filter((p) => p.state === 'asked')
  asked.actor = 'staff'
  await page.goto(url)
  await page.waitForSelector(`a.task[href="/proposals/${asked.id}"]`)
  assert.equal(await text(page, 'h1 .count'), '1')
  await page.goto(`${url}/records/proposals`)
  await page.waitForSelector('.records')
  assert.match(await text(page, '.records'), /省中心在问/)
  asked.state = 'withdrawn'
  await page.reload()
  await page.waitForFunction(() => /已撤回/.test(document.querySelector('.records')?.textContent ?? ''))
  await page.goto(url)
  await page.waitForFunction(() => /没有等我办的/.test(document.querySelector('main')?.textContent ?? ''))
})

await story('what_waits_to_be_reported_is_not_none_while_nothing_answers', 'node', async (page, stand, url) => {
  await page.goto(`${url}/me`)
  await page.waitForSelector('h1')
  stand.state.silentUntil = Date.now() + 60_000
  await page.click('a[href="/sync"]')
  await page.waitForFunction(() => /连上本行后才知道/.test(document.querySelector('.stick-task')?.textContent ?? ''), null, { timeout: 20_000 })
})

await story('contacts_that_are_one_line_say_what_each_brought', 'node', async (page, _stand, url) => {
  const contact = (minutes) => ({ at_ms: Date.now() - minutes * 60_000, kind: 'sync', ms: 0, sent: 1, got: 0, refused: 0, detail: '' })
  await page.route(/api\/v1\/sync(\?|$)/, async (route) => { const r = await route.fetch(); const j = await r.json(); j.contacts = [contact(3), contact(4), contact(5)]; await route.fulfill({ json: j }) })
  await page.goto(`${url}/sync`)
  await page.waitForSelector('.log li')
  assert.match(await text(page, '.log li'), /3 次，.* 起，每次\s*送出 1 条/)
})

await story('a_branch_that_is_not_enrolled_is_not_called_unknown', 'hub', async (page, _stand, url) => {
  await page.goto(`${url}/`)
  await page.waitForSelector('.tile[data-state=unknown]')
  assert.match(await text(page, '.tile[data-state=unknown]'), /未接入/)
  assert.doesNotMatch(await text(page, 'main'), /未知/)
})

await story('trouble_is_said_in_the_readers_words', 'node', async (page, stand, url) => {
  await page.route('**/api/v1/status', async (route) => { const r = await route.fetch(); const j = await r.json(); j.trouble = { rule: 'disk_full', text: 'disk full' }; await route.fulfill({ json: j }) })
  await page.goto(`${url}/`)
  await page.waitForSelector('.stale b')
  assert.match(await text(page, '.stale b'), /磁盘满了/)
})

for (const kind of ['node', 'hub']) {
  await story(`who_still_reads_not_secure_at_the_${kind}_is_told_which_address_and_what_to_ask_for`, kind, async (page, _stand, url) => {
    await page.addInitScript(() => { delete Navigator.prototype.serviceWorker })   // as where the certificate is not trusted
    await page.goto(`${url}/me`)
    await page.waitForSelector('#unnamed')
    const words = await text(page, '#unnamed')
    assert.ok(words.includes('127.0.0.1') && words.includes(kind === 'node' ? '330127.node.sunlit' : 'people.addresses'), words)
  })
}

await story('a_role_that_may_not_is_told', 'node', async (page, stand, url) => {
  stand.state.account = { name: 'staff', role: 'staff', must_change: false }
  await page.goto(`${url}/sheet`)
  await page.waitForSelector('.empty h1')
  assert.match(await text(page, '.empty h1'), /角色/)
})

await story('login_says_what_is_not_filled_in_and_what_is_wrong', 'node', async (page, stand, url) => {
  stand.state.account = null
  await page.goto(`${url}/login`)
  await page.click('button.main')
  await page.waitForSelector('.errors')
  assert.match(await text(page, '.errors'), /还没有填/)
  await page.fill('#name', 'officer'); await page.fill('#password', 'wrong')
  await page.click('button.main')
  await page.waitForFunction(() => document.querySelector('.errors')?.textContent.includes('账号或密码不对'))
})

for (const kind of ['node', 'hub']) {
  await story(`all_of_the_menu_of_the_${kind}_is_on_a_phone_with_the_largest_type`, kind, async (page, _stand, url, { context }) => {
    await context.addInitScript(() => localStorage.setItem('sunlit.settings', JSON.stringify({ lang: 'en', type: 'largest' })))
    await page.setViewportSize({ width: 360, height: 740 })
    await page.goto(url)
    await page.waitForSelector('.menu a')
    const cut = await page.evaluate(() => [...document.querySelectorAll('.menu a')].filter((a) => a.getBoundingClientRect().right > innerWidth + 0.5 || a.scrollWidth > a.clientWidth + 1).map((a) => a.textContent))
    assert.deepEqual(cut, [])
  })
}

await end()
