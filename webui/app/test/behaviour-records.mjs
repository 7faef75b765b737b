// behaviour-records.mjs - prices, ratings, confirmations and proposals in a browser: entered, doubted, sent as a sheet, corrected,
// carried on a stick, and what the province says to them.
import assert from 'node:assert/strict'
import { chosen, comes, end, filled, held, reads, story, text } from './story.mjs'

const CRAB = '/catalogue/109'

await story('a_price_ten_times_too_high_is_doubted_and_mended_with_one_press', 'node', async (page, stand, url) => {
  await page.goto(`${url}${CRAB}/price`)
  await page.fill('#price_fen', '1180')
  await page.check('input[value=quoted]')
  await page.click('button[type=submit]')
  await page.waitForSelector('.errors')
  await reads(page, '.errors', /还没有存：1 处请核对/)
  await comes(async () => assert.ok(await page.evaluate(() => document.activeElement?.classList.contains('errors'))))
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

await story('a_rating_is_corrected_from_what_was_saved_and_the_old_one_is_struck', 'node', async (page, stand, url) => {
  await page.goto(`${url}/records/evaluations`)
  await page.waitForSelector('.records li')
  const old = stand.state.evaluations[0]
  await page.locator('.pend-end a.button').first().click()
  await page.waitForSelector('form .note')
  await comes(async () => assert.ok(await page.isChecked(`input[name=quality][value="${old.quality}"]`)))
  await filled(page, '#remark', old.remark)
  await page.fill('#remark', '看错了单子')
  await page.click('button[type=submit]')
  await page.waitForURL('**/records/evaluations?new=1')
  await page.waitForSelector('.records del')
  assert.equal(stand.state.evaluations[0].replaces, old.id)
  assert.equal(stand.state.evaluations[0].delivery, old.delivery)
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
  await reads(page, 'a[href*="prices.xlsx"]', /^\s*导出前 10,000 条，共 27,112 条\s*$/)
  await page.goto(`${url}/catalogue`)
  await page.waitForFunction(() => /导出前 10,000 条，共 27,112 条/.test(document.querySelector('a[href*="catalogue.xlsx"]')?.textContent ?? ''))
})

await story('a_sheet_without_a_column_is_told_which', 'node', async (page, _stand, url) => {
  await page.route('**/api/v1/prices/import', (route) => route.fulfill({ status: 400, json: { error: { kind: 'input', rule: 'missing_column', field: '采价日期', text: 'the sheet has no column "采价日期"' } } }))
  await page.goto(`${url}/sheet`)
  await page.setInputFiles('input[type=file]', { name: '价格.csv', mimeType: 'text/csv', buffer: Buffer.from('品名,单价\n') })
  await page.click('button.main')
  await reads(page, '.note[role=alert]', /“采价日期”缺这一列/)
})

await story('a_sheet_that_comes_again_is_asked_about_and_what_was_not_read_is_told', 'node', async (page, _stand, url) => {
  const asked = []
  await page.route('**/api/v1/prices/import**', (route) => {
    asked.push(new URL(route.request().url()).search)
    if (asked.length === 1) return route.fulfill({ status: 409, json: { error: { kind: 'conflict', rule: 'repeated', field: '', text: '1 of the sheet\'s 2 prices are recorded already', params: { rows: [{ row: 2, product: 1, id: 7, no: 'JG330127-202611-0007', price_fen: 3850, same_price: true, actor: 'officer', at_ms: 1795900000000 }], repeated: 1, fresh: 1, seen: 'ab12', sheet: null } } } })
    return route.fulfill({ status: 201, json: { accepted: 1, left_out: 1, first_no: 'JG330127-202611-0009', last_no: 'JG330127-202611-0009', first_id: 1, last_id: 1, errors: [], read: { sheet: '价格', heading_row: 2, columns_not_read: '采价人、#8', sheets_not_read: null, rows_left_out: [{ row: 9, rule: 'sum_row', value: '合计' }] } } })
  })
  await page.goto(`${url}/sheet`)
  await page.setInputFiles('input[type=file]', { name: '价格.csv', mimeType: 'text/csv', buffer: Buffer.from('品名,单价\n') })
  await page.click('button.main')
  await page.waitForSelector('.sheet-errors')
  await reads(page, '.sheet-errors', /1 行已经记过.*JG330127-202611-0007.*38\.50/s)
  await page.click('.sheet-errors button.main')
  await page.waitForSelector('.result')
  assert.deepEqual(asked, ['', '?again=new&meant=ab12'])
  const said = await text(page, '.result')
  assert.match(said, /读的是工作表“价格”，第 2 行是表头/)
  assert.match(said, /“采价人”、第 8 列这些列不认识/)
  assert.match(said, /第 9 行没有存：合计行/)
  assert.doesNotMatch(said, /[a-z]{4,}/)
})

await story('prices_of_a_sheet_follow_the_line_and_another_sheet_may_come', 'node', async (page, stand, url) => {
  const [last, first, next] = stand.state.prices
  let at = { [last.id]: 'branch', [first.id]: 'branch', [next.id]: 'branch' }
  let saved = [first, last]
  await page.route('**/api/v1/prices/*', async (route) => { const j = await (await route.fetch()).json(); j.place.at = at[j.id]; await route.fulfill({ json: j }) })
  await page.route('**/api/v1/prices/import**', (route) => route.fulfill({ status: 201, json: { accepted: 2, left_out: 0, first_no: saved[0].no, last_no: saved[1].no, first_id: saved[0].id, last_id: saved[1].id, errors: [], read: { sheet: null, heading_row: 1, columns_not_read: null, sheets_not_read: null, rows_left_out: [] } } }))
  await page.goto(`${url}/sheet`)
  await page.setInputFiles('input[type=file]', { name: '价格.csv', mimeType: 'text/csv', buffer: Buffer.from('品名,单价\n') })
  await page.click('button.main')
  await page.waitForSelector('.result .place[data-at=branch]')
  at = { [last.id]: 'refused', [first.id]: 'province' }       // one row of it
  stand.state.link = 'up'
  await page.waitForSelector('.result .place[data-at=province]')
  await reads(page, '.result', /都到省中心了/)
  await page.click('.result button')
  // what was answered for the first says nothing of the second, whose place is still being asked for
  saved = [next, next]
  const go = await held(page, `prices/${next.id}`)
  await page.setInputFiles('input[type=file]', { name: '价格二.csv', mimeType: 'text/csv', buffer: Buffer.from('品名,单价\n') })
  await page.click('button.main')
  await page.waitForSelector('.result .place')
  assert.equal(await page.locator('.result .place').getAttribute('data-at'), 'branch')
  assert.doesNotMatch(await text(page, '.result'), /都到省中心了/)
  go()
})

await story('a_correction_begins_with_the_record_it_corrects_and_marks_what_was_changed', 'node', async (page, stand, url) => {
  const old = stand.state.prices[1]
  await page.goto(`${url}/catalogue/${old.product}/price?replaces=${old.id}`)
  await page.waitForSelector('.old-record')
  await filled(page, '#price_fen', (old.price_fen / 100).toFixed(2))
  await filled(page, '#date', old.date)
  await comes(async () => assert.ok(await page.isChecked(`input[value=${old.source}]`)))
  await filled(page, '#qty', String(old.qty))
  await filled(page, '#supplier', String(old.supplier))
  await page.reload()
  await page.waitForSelector('.old-record')
  assert.equal(await page.locator('.form .note .bare').count(), 0)   // nobody typed: no draft
  await page.click('button[type=submit]')
  await page.waitForFunction(() => /还没有改任何一项/.test(document.querySelector('.errors')?.textContent ?? ''))
  await page.fill('#price_fen', '101')
  await reads(page, 'label[for=price_fen]', /已改/)
  assert.doesNotMatch(await text(page, 'label[for=qty]'), /已改/)
  await reads(page, '.old-record del', `${(old.price_fen / 100).toFixed(2)} 元/公斤`)
  await page.click('button[type=submit]')
  await page.waitForSelector('.stations')
  const made = stand.state.prices[0]
  assert.deepEqual([made.replaces, made.price_fen, made.qty, made.supplier, made.date, made.source], [old.id, 10100, old.qty, old.supplier, old.date, old.source])
})

await story('a_correction_shows_the_supplier_that_it_sends_also_one_who_supplies_the_product_no_more', 'node', async (page, stand, url) => {
  const old = stand.state.prices[1]
  await page.route(`**/api/v1/products/${old.product}`, async (route) => { const r = await route.fetch(); await route.fulfill({ response: r, json: { ...await r.json(), channels: [] } }) })
  await page.goto(`${url}/catalogue/${old.product}/price?replaces=${old.id}`)
  await page.waitForSelector('.old-record')
  await filled(page, '#supplier', String(old.supplier))
  await comes(async () => assert.match(await chosen(page, '#supplier'), new RegExp(old.supplier_name)))
  await page.selectOption('#supplier', '')
  await page.selectOption('#supplier', String(old.supplier))       // who tried another way gets it back
  await page.fill('#price_fen', '101')
  await page.click('button[type=submit]')
  await page.waitForSelector('.stations')
  assert.equal(stand.state.prices[0].supplier, old.supplier)
})

await story('a_price_whose_unit_was_changed_meanwhile_is_asked_about_with_both_units', 'node', async (page, stand, url) => {
  const p = stand.state.products.find((x) => x.unit === 'kg' && x.median_fen)
  const before = stand.state.prices.length
  await page.goto(`${url}/catalogue/${p.id}/price`)
  await page.fill('#price_fen', (p.median_fen / 100).toFixed(2))
  await page.check('input[value=quoted]', { force: true })
  p.unit = 'box'
  await page.click('button[type=submit]')
  await page.waitForSelector('#unit.note')
  await comes(async () => assert.match(await page.textContent('#unit.note'), /元\/公斤.*元\/盒/s))
  assert.equal(stand.state.prices.length, before)
  await page.click('button[type=submit]')                // nobody has looked yet
  await page.waitForSelector('.errors')
  assert.equal(stand.state.prices.length, before)
  await page.click('#unit.note button')
  await page.click('button[type=submit]')
  await page.waitForSelector('.stations')
  assert.equal(stand.state.prices[0].unit, 'box')
})

await story('without_the_record_that_is_corrected_no_form_is_there_to_save', 'node', async (page, stand, url) => {
  const [old] = stand.state.prices
  const sent = []
  page.on('request', (r) => { if (r.method() === 'POST' && /\/(prices|evaluations)$/.test(r.url())) sent.push(r.url()) })
  await page.route(`**/api/v1/prices/${old.id}*`, (route) => route.abort())
  await page.goto(`${url}/catalogue/${old.product}/price?replaces=${old.id}`)
  await page.waitForSelector('.empty[role=alert]')
  assert.equal(await page.locator('form').count(), 0)
  await reads(page, '.note', /要更正的那条.*还没有取到/s)
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
  await filled(page, '#remark', first.remark)
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
  await reads(page, '.after .main', '记下一个产品')
  await page.click('.after .main')
  await page.waitForSelector('.pick-row')
  await page.fill('input[type=search]', '草莓')                 // of any season
  await page.waitForFunction(() => /建德草莓/.test(document.querySelector('.pick-row')?.textContent ?? ''))
  assert.match(page.url(), /q=/)
})

await story('to_confirm_asks_once_more_and_says_what_it_means', 'node', async (page, _stand, url) => {
  const sent = []
  page.on('request', (r) => { if (r.method() === 'POST' && r.url().endsWith('/confirmations')) sent.push(r.postDataJSON().product) })
  await page.goto(`${url}/catalogue/101`)
  await page.click('.note button')
  await page.waitForSelector('dialog[open]')
  assert.deepEqual(sent, [])
  await reads(page, 'dialog', /上市月份/)
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
  await reads(page, '.note', /2 种已核实/)
})

await story('what_waits_to_be_confirmed_behind_the_rows_shown_is_counted_and_comes_when_those_are_done', 'node', async (page, stand, url) => {
  for (const [i, p] of stand.state.products.entries()) Object.assign(p, { origin_code: 330127, confirmed: i > 4 })
  await page.route('**/api/v1/catalogue?**', (r) => r.continue({ url: r.request().url().replace(/limit=\d+/, 'limit=3') }))
  const confirmThree = async () => {
    await page.goto(`${url}/confirm`)
    await page.waitForFunction(() => document.querySelectorAll('.confirm-row').length === 3)
    assert.match(await text(page, '.page-head'), /5 种待核实/)
    await page.evaluate(() => document.querySelectorAll('.confirm-row input').forEach((x) => x.click()))
    await page.click('.acts .main')
    await page.waitForFunction(() => /3 种已核实/.test(document.querySelector('.note')?.textContent ?? ''))
    await page.waitForFunction(() => document.querySelectorAll('.confirm-row').length === 2)
    assert.doesNotMatch(await text(page, 'main'), /没有待核实的产品/)
    assert.match(await text(page, '.page-head'), /2 种待核实/)
  }
  await page.route('**/api/v1/confirmations', (r) => r.fulfill({ status: 201, json: { id: 9, no: null } }))    // the list has them still
  await confirmThree()
  await page.unroute('**/api/v1/confirmations')                                                                // the list is without them
  await confirmThree()
})

await story('what_waits_on_the_phone_alone_is_not_said_to_be_confirmed', 'node', async (page, stand, url) => {
  for (const [i, p] of stand.state.products.entries()) Object.assign(p, { origin_code: 330127, confirmed: i > 1 })
  await page.route('**/api/v1/confirmations', (r) => r.abort())
  await page.goto(`${url}/confirm`)
  await page.waitForSelector('.confirm-row')
  for (const n of [0, 1]) await page.locator('.confirm-row input').nth(n).check()
  await page.click('.acts .main')
  await page.waitForFunction(() => /2 种已在这部手机上核实，还没到本行/.test(document.querySelector('main')?.textContent ?? ''))
  await page.waitForFunction(() => !document.querySelector('.confirm-row'))
  assert.doesNotMatch(await text(page, 'main'), /都核实过了/)
})

await story('what_the_province_changed_after_the_look_is_looked_at_again', 'node', async (page, stand, url) => {
  const sent = []
  page.on('request', (r) => { if (r.method() === 'POST' && r.url().endsWith('/confirmations')) sent.push(r.postDataJSON()) })
  const one = stand.state.products.find((p) => p.id === 101)
  await page.goto(`${url}/catalogue/101`)
  await page.click('.note button')
  await page.waitForSelector('dialog[open]')
  Object.assign(one, { rev: 8, seasons: [{ kind: 'open', start_md: 101, end_md: 229 }] })
  await page.click('dialog .main')
  await page.waitForFunction(() => /你看过以后，省中心改过了/.test(document.querySelector('dialog')?.textContent ?? ''))
  await reads(page, 'dialog', /1月—2月/)
  assert.ok(!one.confirmed)
  await page.click('dialog .main')
  await page.waitForFunction(() => /已经核实/.test(document.querySelector('.note')?.textContent ?? ''))
  assert.deepEqual(sent, [{ product: 101, rev: 7 }, { product: 101, rev: 8 }])
  // in the list: what was ticked and has become another is not confirmed, and stands there as it is now
  await page.goto(`${url}/confirm`)
  await page.waitForSelector('.confirm-row')
  await reads(page, '.confirm-row', /阴凉通风|活体低温/)
  const rows = await page.locator('.confirm-row').count()
  await page.locator('.confirm-row input').nth(0).check()
  await page.locator('.confirm-row input').nth(1).check()
  const href = await page.locator('.confirm-row a').nth(0).getAttribute('href')
  const other = stand.state.products.find((p) => href.endsWith(`/${p.id}`))
  Object.assign(other, { rev: 8, storage_note_zh: '改过的说明', confirmed_before: true })
  await page.click('.acts .main')
  await page.waitForFunction((n) => document.querySelectorAll('.confirm-row').length === n, rows - 1)
  await page.waitForFunction(() => /改过的说明/.test(document.querySelector('.confirm-row')?.textContent ?? ''))
  assert.ok(!other.confirmed)
  await reads(page, '.confirm-row', /本行以前核实过/)
  await comes(async () => assert.match(await page.locator('.note').allInnerTexts().then((x) => x.join('')), /省中心改过了，还没有核实/))
  await comes(async () => assert.equal(await page.locator('.confirm-row input').nth(0).isChecked(), false))
})

await story('a_confirmation_that_no_longer_counts_says_so', 'node', async (page, stand, url) => {
  const one = stand.state.products.find((p) => p.id === 101)
  one.lapsed = [{ branch: 330127, name: '淳安县', name_en: "Chun'an County", at_ms: Date.now() - 86400_000, rev: 6, counts: false }]
  await page.goto(`${url}/catalogue/101`)
  await page.waitForSelector('.note button')
  await reads(page, '.note', /本行以前核实过/)
  await page.waitForFunction(() => /淳安县核实的是以前的内容/.test(document.body.textContent))
  assert.ok(!/淳安县核实过/.test(await page.textContent('body')))
})

await story('records_are_carried_on_a_stick_and_the_receipt_is_taken', 'node', async (page, _stand, url) => {
  await page.goto(`${url}/sync`)
  await page.click('.stick-task')
  await page.waitForSelector('dialog[open]')
  await comes(async () => assert.match(await page.locator('dialog a[download]').getAttribute('href'), /sync\/carry\?as=officer%40/))
  await page.setInputFiles('dialog input[type=file]', { name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('no') })
  await page.waitForFunction(() => /不是记录文件/.test(document.querySelector('dialog')?.textContent ?? ''))
  await page.setInputFiles('dialog input[type=file]', { name: 'a.carry', mimeType: 'application/octet-stream', buffer: Buffer.from('sunlit.carry.v1\nentries') })
  await page.waitForFunction(() => /本行带去省中心的文件，不是回执/.test(document.querySelector('dialog')?.textContent ?? ''))
  await page.setInputFiles('dialog input[type=file]', { name: 'b.receipt', mimeType: 'application/octet-stream', buffer: Buffer.from('sunlit.carry.v1\nother') })
  await page.waitForFunction(() => /建德市（330182）支行的文件，不是本行的/.test(document.querySelector('dialog')?.textContent ?? ''))
  assert.ok(!/收下了/.test(await text(page, 'dialog')))
  await page.setInputFiles('dialog input[type=file]', { name: 'a.receipt', mimeType: 'application/octet-stream', buffer: Buffer.from('sunlit.carry.v1\nx') })
  await page.waitForFunction(() => /省中心已收到本行第/.test(document.querySelector('dialog')?.textContent ?? ''))
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

await story('an_answer_is_to_the_question_it_was_typed_for', 'node', async (page, stand, url) => {
  const p = stand.state.proposals.find((x) => x.state === 'asked')
  const goOn = (question, text) => {
    p.talk.push({ by: 'branch', kind: 'answer', text: '', actor: '', at_ms: null, question: p.question })
    if (question) p.talk.push({ by: 'province', kind: 'question', text, actor: 'curator', at_ms: Date.now(), question })
    Object.assign(p, { question, state: question ? 'asked' : 'open' })
  }
  await page.goto(`${url}/proposals/${p.id}`)
  await page.fill('#answer', '没有，要送市里')
  goOn(44, '常温下会坏吗？')
  await page.click('form .main')
  const beside = (words) => page.waitForFunction((w) => document.querySelector('.other')?.textContent?.includes(w), words)
  await beside('没有，要送市里')
  await reads(page, '.other', /另一个问题/)
  await reads(page, 'main', /本行补充.*内容已依法隐去.*常温下会坏吗/s)
  await filled(page, '#answer', '')                // it is no answer to this one,
  await page.click('form .main')
  await page.waitForSelector('#answer-e')
  assert.equal(p.talk.some((t) => t.text === '没有，要送市里'), false)
  await page.fill('#answer', '常温一天')
  goOn(47, '几月的？')                     // what was not sent is a draft, and says for what
  await page.reload()
  await beside('常温一天')
  await filled(page, '#answer', '')
  await page.click('.other .take')                                  // unless somebody says so
  await comes(async () => assert.match(await page.inputValue('#answer'), /没有，要送市里/))
  await page.waitForSelector('.other', { state: 'detached' })
  await page.fill('#answer', '十月')
  goOn(null)                               // a colleague has answered
  await page.click('form .main')
  await page.waitForFunction(() => /已经有人答了/.test(document.querySelector('.other')?.textContent ?? ''))
  await beside('十月')
  await page.click('.other button')
  await page.waitForSelector('.other', { state: 'detached' })
  await comes(async () => assert.equal(await page.locator('#answer').count(), 0))
  goOn(50, '什么价？')
  await page.reload()
  await page.fill('#answer', '九十')
  await page.click('form .main')
  await page.waitForSelector('text=九十')
  assert.equal(p.talk.at(-1).question, 50)
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

const RULING = { no: 'JG330127-202611-0031', subject_table: 'price', subject_id: 71, rule: 'price_judged', rule_title: '', detail: { price_fen: 32000, median_fen: 3800, branches: 11, reason: '单条大鱼不计入比价', by: 'mulan' }, at_ms: Date.now(), settled: true }
await story('the_reason_of_the_province_stays_with_a_price_that_was_corrected', 'node', async (page, stand, url) => {
  const id = stand.state.prices[0].id
  stand.state.rulings.set(id, [RULING])
  await page.goto(`${url}/records/prices/${id}`)
  await page.waitForSelector('.rulings')
  const said = await text(page, '.rulings')
  assert.match(said, /JG330127-202611-0031.*单条大鱼不计入比价.*省中心 mulan.*已更正或作废/s)
  assert.equal(await page.locator('.rulings a').count(), 0)
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
  await reads(page, 'h1 .count', '1')
  await page.goto(`${url}/records/proposals`)
  await page.waitForSelector('.records')
  await reads(page, '.records', /省中心在问/)
  asked.state = 'withdrawn'
  await page.reload()
  await page.waitForFunction(() => /已撤回/.test(document.querySelector('.records')?.textContent ?? ''))
  await page.goto(url)
  await page.waitForFunction(() => /没有等我办的/.test(document.querySelector('main')?.textContent ?? ''))
})

await story('contacts_that_are_one_line_say_what_each_brought', 'node', async (page, _stand, url) => {
  const contact = (minutes) => ({ at_ms: Date.now() - minutes * 60_000, kind: 'sync', ms: 0, sent: 1, got: 0, refused: 0, detail: '' })
  await page.route(/api\/v1\/sync(\?|$)/, async (route) => { const r = await route.fetch(); const j = await r.json(); j.contacts = [contact(3), contact(4), contact(5)]; await route.fulfill({ json: j }) })
  await page.goto(`${url}/sync`)
  await page.waitForSelector('.log li')
  await reads(page, '.log li', /3 次，.* 起，每次\s*送出 1 条/)
})

await story('holes_of_the_branchs_own_record_are_said_where_there_are_any', 'node', async (page, stand, url) => {
  await page.goto(`${url}/sync`)
  await page.waitForSelector('.log li')
  assert.equal(await page.locator('.lost').count(), 0)
  stand.state.lost = { runs: [{ author: 330127, lane: 0, first_seq: 6, count: 2 }, { author: 330000, lane: 330127, first_seq: 41, count: 1 }], runs_total: 3, total: 5 }
  await page.reload()
  await page.waitForSelector('.lost')
  await reads(page, '.lost', /5 条[\s\S]*不用处理[\s\S]*本行第 6 至 7 号[\s\S]*省中心写给本行的第 41 号[\s\S]*还有 1 段/)
})

await end()
