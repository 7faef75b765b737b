// behaviour-desk.mjs - what the desk's pages do: deciding on proposals, keeping the catalogue, letting branches in, sorting lists.
// In a real browser against the stand-in, like behaviour.mjs.
import assert from 'node:assert/strict'
import { chosen, comes, end, filled, held, reads, story, text } from './story.mjs'
import { drafted } from './phone.mjs'

await story('names_like_that_of_something_new_are_seen_before_it_is_accepted', 'hub', async (page, stand, url) => {
  await page.goto(`${url}/review/330127/11`)
  await page.waitForSelector('.decide')
  await reads(page, '.rows', /威坪红油辣酱\s*别名相同/)
  await reads(page, '.rows', /辣椒酱\s*名字一部分相同[\s\S]*已下架/)
  await page.click('.decide .main')
  await reads(page, 'dialog', /名字相近的已有 2 个：威坪红油辣酱、辣椒酱/)
  assert.equal(stand.state.decided.size, 0)
})

await story('every_field_of_a_proposal_can_be_mended_with_the_checks_of_its_form', 'hub', async (page, stand, url) => {
  const sent = []
  page.on('request', (r) => { if (r.url().endsWith('/decision')) sent.push(JSON.parse(r.postData())) })
  await page.goto(`${url}/review/330127/11`)
  const row = (f) => page.locator(`#r-${f}`)
  for (const f of ['name_zh', 'storage', 'seasons', 'origin_code', 'unit']) await row(f).locator('button:has-text("改了再接受")').click()
  await row('name_zh').locator('input:not([type])').fill(' ')
  await row('storage').locator('select').selectOption('chilled')
  await row('origin_code').locator('select').selectOption('330182')
  await row('unit').locator('button:has-text("用提议的")').click()
  await row('seasons').locator('input[type=checkbox]').uncheck()
  await page.click('.decide .main')
  await page.waitForSelector('.errors')
  await reads(page, '.errors', /名称：还没有填/)
  await reads(page, '#r-name_zh', /还没有填/)
  await reads(page, '#r-seasons', /还没有选/)                  // no longer all year is not yet some months
  await row('seasons').locator('.add').click()
  await row('name_zh').locator('input:not([type])').fill('威坪辣酱')
  await page.click('.decide .main')
  await page.click('dialog .main')
  await page.waitForFunction(() => /已接受/.test(document.querySelector('.note')?.textContent ?? ''))
  assert.deepEqual(sent[0].mends, { name_zh: '威坪辣酱', storage: 'chilled', origin_code: 330182, seasons: [{ kind: 'open', start_md: 501, end_md: 831 }] })
  assert.ok(stand.state.decided.has('11'))
})

await story('a_place_is_shown_as_it_will_be_sent_however_late_the_places_come', 'hub', async (page, stand, url) => {
  stand.state.products.find((p) => p.id === 109).origin_code = 330127
  const mend = () => page.locator('#r-origin_code button:has-text("改了再接受")').click()
  for (const [path, select, said, open] of [['/catalogue/109/edit', '#origin_code', '淳安县 330127'], ['/suppliers/1/edit', '#division', '普陀区 330903'], ['/review/330127/11', '#r-origin_code select', '淳安县 330127', mend]]) {
    const come = await held(page, 'divisions')
    await page.goto(`${url}${path}`)
    await open?.()
    await page.waitForSelector(select)
    come()
    await page.waitForFunction((at) => document.querySelectorAll(`${at} option`).length > 3, select)
    await comes(async () => assert.equal(await chosen(page, select), said))
    await page.unroute('**/api/v1/divisions')
  }
})

await story('who_accepts_sees_every_value_that_is_signed', 'hub', async (page, _stand, url) => {
  await page.goto(`${url}/review/330127/11`)
  await page.locator('#r-unit button:has-text("改了再接受")').click()
  await page.locator('#r-unit select').selectOption('kg')
  await page.click('.decide .main')
  const said = (await text(page, 'dialog .pairs')).replace(/\s+/g, ' ')
  for (const pair of ['名称 威坪辣椒酱', '品类 副食制成品', '产地 淳安县 330127', '计价单位 公斤 改过', '储存方式 常温', '上市月份 全年']) assert.ok(said.includes(pair), `${pair} in ${said}`)
})

await story('a_price_is_judged_by_its_day_source_and_quantity_and_fits_a_phone', 'hub', async (page, _stand, url, { context }) => {
  await context.addInitScript(() => localStorage.setItem('sunlit.settings', JSON.stringify({ lang: 'en' })))
  await page.setViewportSize({ width: 360, height: 760 })
  await page.goto(`${url}/review/prices`)
  await page.waitForSelector('.doubt')
  const said = await text(page, '.doubt')
  for (const part of [/median of the 31 other branches is 119\.50/, /price of/, /paid on delivery/i, /quantity 12\.5 kg/]) assert.match(said, part)
  const wide = await page.evaluate(() => document.querySelector('.doubt > div').clientWidth / document.querySelector('.doubt').clientWidth)
  assert.ok(wide > 0.9, `${wide} of the row for the text`)
  await page.locator('.doubt button').first().click()
  await reads(page, 'dialog', /other branches[\s\S]*quantity 12\.5 kg/)
})

await story('a_code_of_a_supplier_is_mended_by_the_rules_of_its_form', 'hub', async (page, _stand, url) => {
  await page.goto(`${url}/review/330921/12`)
  await page.locator('#r-uscc button:has-text("改了再接受")').click()
  await page.locator('#r-uscc input:not([type])').fill('91330921MA2A1B2C3')
  await page.locator('#r-licence_until button:has-text("改了再接受")').click()
  await page.locator('#r-licence_until input[type=date]').fill('2029-01-31')
  await page.click('.decide .main')
  await page.waitForSelector('.errors')
  await reads(page, '.errors li', '统一社会信用代码：要 18 位，现在 17 位')
})

await story('what_a_supplier_supplies_is_added_from_its_page', 'hub', async (page, stand, url) => {
  await page.goto(`${url}/suppliers/1`)
  await page.click('button:has-text("加一种产品")')
  await page.click('dialog .main')
  await reads(page, 'dialog', /还没有选/)
  assert.equal(stand.state.channels.length, 0)
  await page.fill('#ch-product', '胡柚')
  await page.locator('dialog .radio input').first().check()
  await page.fill('#ch-min_order_qty', '20')
  await page.click('dialog .main')
  await page.waitForFunction(() => !document.querySelector('dialog'))
  assert.equal(stand.state.channels[0].supplier, 1)
  assert.equal(stand.state.products.find((p) => p.id === stand.state.channels[0].product).name_zh, '常山胡柚')
})

await story('a_supplier_is_read_first_and_edited_at_its_own_address', 'hub', async (page, stand, url) => {
  await page.goto(`${url}/suppliers/1`)
  await page.waitForSelector('dl.pairs')
  assert.equal(await page.locator('form').count(), 0)
  await page.click('.page-head a:text-is("修改")')
  await page.waitForSelector('#name')
  assert.match(page.url(), /\/suppliers\/1\/edit$/)
  stand.state.account = { name: 'auditor', role: 'auditor', must_change: false }
  await page.goto(`${url}/suppliers/1`)
  await page.waitForSelector('dl.pairs')
  assert.equal(await page.locator('.page-head a.button').count(), 0)
})

await story('suppliers_are_sorted_by_the_heads_of_their_columns', 'hub', async (page, _stand, url) => {
  await page.setViewportSize({ width: 1280, height: 900 })
  await page.goto(`${url}/suppliers`)
  const names = async () => (await page.locator('tbody th').allInnerTexts()).map((t) => t.trim()).join()
  await page.waitForSelector('tbody tr')
  await page.click('thead button:has-text("许可证")')
  await page.waitForFunction(() => /供应商丙/.test(document.querySelector('tbody th')?.textContent ?? ''))
  await comes(async () => assert.equal(await names(), '供应商丙,供应商乙,供应商甲'))
  await comes(async () => assert.equal(await page.getAttribute('th:has-text("许可证")', 'aria-sort'), 'ascending'))
  await page.click('thead button:has-text("许可证")')
  await page.waitForFunction(() => /供应商甲/.test(document.querySelector('tbody th')?.textContent ?? ''))
  await comes(async () => assert.equal(await page.getAttribute('th:has-text("许可证")', 'aria-sort'), 'descending'))
  await page.reload()                                                      // the order stands in the address
  await page.waitForSelector('tbody tr')
  await comes(async () => assert.equal(await names(), '供应商甲,供应商乙,供应商丙'))
})

await story('an_invitation_is_taken_back_by_a_second_press', 'hub', async (page, stand, url) => {
  stand.state.account = { name: 'admin', role: 'admin', must_change: false }
  await page.goto(`${url}/branches`)
  await page.click('#e-330114 button:has-text("撤回邀请")')
  assert.equal(stand.state.withdrawn.size, 0)
  await page.click('dialog .danger')
  await page.waitForFunction(() => /的邀请已撤回/.test(document.querySelector('.note')?.textContent ?? ''))
  assert.ok(stand.state.withdrawn.has('330114'))
  await comes(async () => assert.equal(await page.locator('#e-330114 button:has-text("撤回邀请")').count(), 0))
})

await story('branches_behind_a_figure_are_named_in_the_readers_language', 'hub', async (page, _stand, url) => {
  await page.addInitScript(() => localStorage.setItem('sunlit.settings', JSON.stringify({ lang: 'en' })))
  await page.goto(`${url}/behind/price?product=109&days=30`)
  await page.waitForSelector('.trail tbody tr')
  assert.ok(!/[\u4e00-\u9fff]/.test((await page.locator('.trail tbody th').allInnerTexts()).join()))
})

await story('ratings_and_proposals_are_sorted_and_bounded_by_days', 'node', async (page, _stand, url) => {
  await page.setViewportSize({ width: 1280, height: 900 })
  await page.goto(`${url}/records/evaluations`)
  await page.waitForSelector('.records li')
  const first = () => text(page, '.records li')
  await comes(async () => assert.match(await first(), /断肢/))
  await page.selectOption('select[aria-label="排序"]', 'best')
  await page.waitForFunction(() => /个体匀/.test(document.querySelector('.records li')?.textContent ?? ''))
  await page.goto(`${url}/records/proposals`)
  await page.waitForSelector('.records li')
  await comes(async () => assert.equal(await page.locator('.records li').count(), 2))
  await page.fill('#d-from', new Date(Date.now() + 8 * 3600_000 - 2 * 86400_000).toISOString().slice(0, 10))
  await page.waitForFunction(() => document.querySelectorAll('.records li').length === 1)
})

await story('a_curator_decides_field_by_field', 'hub', async (page, stand, url) => {
  await page.goto(`${url}/review/330127/9`)
  await page.waitForSelector('.decide')
  await reads(page, '.decide .main', /接受 2 项，不接受 1 项/)
  await page.click('.decide .main')
  await page.waitForSelector('.errors')
  await page.fill('#reason', '请再记两年的采价作依据。')
  await page.click('.decide .main')
  await reads(page, 'dialog', /请再记两年的采价作依据/)
  assert.equal(stand.state.decided.size, 0)
  await page.click('dialog .main')
  await page.waitForFunction(() => /部分接受/.test(document.querySelector('.note')?.textContent ?? ''))
  assert.deepEqual(stand.state.decided.get('9').fields, { storage: 'accepted', storage_note_zh: 'accepted', seasons: 'rejected' })
})

await story('what_was_chosen_and_written_earlier_is_shown_and_no_first_press_sends_it', 'hub', async (page, stand, url) => {
  await page.goto(`${url}/review/330127/9`)
  await page.check('input[name="c-storage"][value="rejected"]')
  await page.fill('#reason', '请补上产地图片和规格。')
  await drafted(page, '请补上产地图片和规格。')
  await page.goto(`${url}/review/330127/9`)
  await page.waitForSelector('text=接着上次没存完的填')
  await comes(async () => assert.equal(await page.isChecked('input[name="c-storage"][value="rejected"]'), true))
  await filled(page, '#reason', '请补上产地图片和规格。')
  await page.click('.decide button:nth-of-type(3)')                        // none of it; the second asks the branch
  await comes(async () => assert.equal(await page.evaluate(() => document.activeElement.id), 'reason'))
  assert.equal(stand.state.decided.size, 0)
  await page.click('.decide .main')
  assert.equal(stand.state.decided.size, 0)                                // asked once more
  await page.click('dialog .bare')
  assert.equal(stand.state.decided.size, 0)
  await page.click('.decide .main')
  await page.click('dialog .main')
  await page.waitForFunction(() => /未接受/.test(document.querySelector('.note')?.textContent ?? ''))
})

await story('an_answer_that_came_while_the_page_was_open_is_read_before_the_decision', 'hub', async (page, stand, url) => {
  stand.state.asked.set('9', '几月的批次？')
  await page.goto(`${url}/review/330127/9`)
  await page.fill('#reason', '没有说是几月的批次。')
  await page.click('.decide .main')
  stand.state.answered.set('9', '十月的，三批都附了预冷单')
  await page.click('dialog .main')
  await page.waitForFunction(() => /问答里又多了话/.test(document.querySelector('.note.stale')?.textContent ?? ''))
  assert.equal(stand.state.decided.size, 0)
  await reads(page, 'main', /十月的，三批都附了预冷单/)
  await filled(page, '#reason', '没有说是几月的批次。')
  await page.click('.decide .main')
  await page.click('dialog .main')
  await page.waitForFunction(() => /部分接受/.test(document.querySelector('.note')?.textContent ?? ''))
})

await story('a_proposal_is_sent_back_with_a_question', 'hub', async (page, stand, url) => {
  await page.goto(`${url}/review/330127/9`)
  await page.click('text=退回补充')
  await page.click('dialog .main')
  assert.equal(stand.state.asked.size, 0)                                  // a question has words
  await page.fill('#question', '几月的批次？')
  await page.click('dialog .main')
  await page.waitForFunction(() => /支行补充后回到待审/.test(document.querySelector('.note')?.textContent ?? ''))
  assert.equal(stand.state.asked.get('9'), '几月的批次？')
})

await story('an_explained_price_is_judged_by_a_person', 'hub', async (page, stand, url) => {
  await page.goto(`${url}/review/prices`)
  await page.waitForSelector('.doubt')
  await reads(page, '.doubt', /头网大蟹/)
  await page.click('.doubt .bare')
  await page.click('dialog .main')
  assert.equal(stand.state.judged.size, 0)                                 // turned down with a reason only
  await page.fill('#judge-reason', '单位写成了整箱')
  await page.click('dialog .main')
  await page.waitForSelector('.empty')
  assert.deepEqual(stand.state.judged.get('501'), { verdict: 'refused', reason: '单位写成了整箱' })
})

await story('a_judgement_leads_to_the_entries_behind_its_median', 'hub', async (page, stand, url) => {
  const x = stand.state.doubts[0]
  let asked = null
  page.on('request', (r) => { const u = new URL(r.url()); if (u.pathname.endsWith('/audit/behind')) asked = u.searchParams })
  await page.goto(`${url}/review/prices`)
  await page.click('.doubt a:has-text("看依据")')
  await page.waitForSelector('table.trail')
  assert.deepEqual([asked.get('of'), asked.get('branch'), asked.get('price')], ['judgement', String(x.branch), String(x.id)])
  await reads(page, 'main', /判断时 7 个支行的中位是 119\.50.*现在这些的中位是 115\.30/s)
  await comes(async () => assert.ok(await page.locator('table.trail a[href^="/audit/"]').count() > 3))
})

await story('the_reason_of_the_province_is_read_at_the_entry_and_leads_to_its_basis', 'hub', async (page, stand, url) => {
  stand.state.rulings.set(1204910, [{ no: 'JG330127-202611-0031', subject_table: 'price', subject_id: 71, rule: 'price_judged', rule_title: '', detail: { price_fen: 32000, median_fen: 3800, branches: 11, reason: '单条大鱼不计入比价', by: 'mulan' }, at_ms: Date.now(), settled: true }])
  await page.goto(`${url}/audit/1204910`)
  await page.waitForSelector('.rulings')
  await reads(page, '.rulings', /单条大鱼不计入比价/)
  await page.click('.rulings a')
  await page.waitForSelector('table.trail')
})

await story('what_a_new_product_needs_is_taken_together', 'hub', async (page, _stand, url) => {
  await page.goto(`${url}/review/330127/11`)
  await page.waitForSelector('.decide')
  await page.check('input[name="c-name_zh"][value="rejected"]')
  await reads(page, '.decide .main', /^不接受 \d+ 项$/)
  await page.check('input[name="c-unit"][value="accepted"]')
  await comes(async () => assert.equal(await page.isChecked('input[name="c-name_zh"][value="accepted"]'), true))
})

await story('a_role_is_changed_by_a_second_press_and_back_by_one', 'hub', async (page, stand, url) => {
  stand.state.account = { name: 'admin', role: 'admin', must_change: false }
  await page.goto(`${url}/accounts`)
  await page.click('button[aria-label$=" auditor"]')
  await page.check('dialog input[value="curator"]')
  const is = () => stand.state.accounts.find((a) => a.name === 'auditor').role
  assert.equal(is(), 'auditor')
  await page.click('dialog .main')
  await page.waitForFunction(() => /auditor 现在是目录管理员/.test(document.querySelector('.note')?.textContent ?? ''))
  await page.click('.note button')
  await page.waitForFunction(() => /auditor 现在是审计员/.test(document.querySelector('.note')?.textContent ?? ''))
  assert.equal(is(), 'auditor')
})

await story('a_catalogue_sheet_that_would_change_products_is_asked_about_field_by_field', 'hub', async (page, _stand, url) => {
  const asked = []
  await page.route('**/api/v1/catalogue/import**', (route) => {
    asked.push(new URL(route.request().url()).search)
    if (asked.length === 1) return route.fulfill({ status: 409, json: { error: { kind: 'conflict', rule: 'changes', field: '', text: '2 products of the file are in the catalogue otherwise', params: { rows: [{ row: 2, id: 109, rev: 3, name_zh: '千岛湖鳙鱼', delisted: false, changed_by: 'curator.two', changed_ms: 1795900000000, fields: [{ field: 'aliases', now: '胖头鱼', sheet: '' }, { field: 'storage', now: 'live', sheet: 'chilled' }, { field: 'unit', now: 'kg', sheet: 'box' }], prices: 12, orders: 3 }, { row: 3, id: 110, rev: 2, name_zh: '淳安花猪', delisted: true, changed_by: 'curator.two', changed_ms: 1795900000000, prices: 0, fields: [] }], changed: 1, delisted: 1, old_unit: { prices: 12, orders: 3, rows: [2] }, seen: 'abc' } } } })
    return route.fulfill({ status: 201, json: { products: 2, added: 0, changed: 1, sheets_not_read: null, above_heading: [{ row: 1, value: '杭州分行 产品表' }], old_unit: { prices: 12, orders: 3, rows: [2] } } })
  })
  await page.goto(`${url}/import`)
  await page.setInputFiles('input[type=file]', { name: '目录.csv', mimeType: 'text/csv', buffer: Buffer.from('品名\n') })
  await page.click('button.main')
  await page.waitForSelector('.sheet-errors')
  const said = await text(page, '.sheet-errors')
  assert.match(said, /还没有导入：1 个已有的产品会改动，1 个产品已经下架/)
  assert.match(said, /有 3 个供应商的起订量是按原来的单位填的：都清空.*千岛湖鳙鱼.*第 3 版，curator\.two.*别名.*胖头鱼.*储存方式.*活鲜.*冷藏/s)
  assert.match(said, /淳安花猪.*已下架，导入不会重新上架/s)
  assert.match(said, /第 2 行.*有 12 个价格是按原来的单位记的.*单位.*公斤\s*记过 12 个价格.*盒/s)
  assert.deepEqual(asked, [''])
  await page.click('.sheet-errors button.main')
  await page.waitForSelector('.result')
  await reads(page, '.result', /有 12 个价格是按原来的单位记的.*第 1 行在表头上面，没有读：“杭州分行 产品表”/s)
  assert.deepEqual(asked, ['', '?meant=abc'])
})

await story('a_file_on_its_way_says_how_far_it_is_and_can_be_stopped_and_sent_again', 'hub', async (page, _stand, url) => {
  const go = await held(page, 'catalogue/import**')
  await page.goto(`${url}/import`)
  await page.setInputFiles('input[type=file]', { name: '目录.csv', mimeType: 'text/csv', buffer: Buffer.from('品名\n') })
  await page.click('button.main')
  await page.waitForSelector('.sending progress')
  await reads(page, '.sending p', /已传 .* 字节，共 7 字节|都传出去了，在等回答/)
  await page.click('.sending button')
  await page.waitForSelector('.note[data-state=attention]')
  await reads(page, '.note[data-state=attention]', /停下了/)
  await comes(async () => assert.equal(await page.locator('.sending').count(), 0))
  go()
  await page.click('button.main')
  await page.waitForSelector('.sheet-errors')
})

await story('of_a_long_list_of_changes_all_can_be_seen_and_the_button_says_how_many_were', 'hub', async (page, _stand, url) => {
  const asked = []
  const change = (i) => ({ row: i + 2, id: 109, rev: 3, name_zh: `产品${i}`, delisted: false, changed_by: 'curator.two', changed_ms: 1795900000000, prices: 0, fields: [{ field: 'aliases', now: '甲', sheet: '乙' }] })
  await page.route('**/api/v1/catalogue/import**', (route) => {
    const query = new URL(route.request().url()).searchParams
    asked.push(query.toString())
    if (query.get('meant')) return route.fulfill({ status: 201, json: { products: 150, added: 0, changed: 150, sheets_not_read: null, above_heading: [], old_unit: { prices: 0, orders: 0, rows: [] } } })
    const from = Number(query.get('from') ?? 0)
    return route.fulfill({ status: 409, json: { error: { kind: 'conflict', rule: 'changes', field: '', text: '', params: { rows: Array.from({ length: Math.min(100, 150 - from) }, (_, i) => change(from + i)), changed: 150, delisted: 0, old_unit: { prices: 0, orders: 0, rows: [] }, seen: 'abc' } } } })
  })
  await page.goto(`${url}/import`)
  await page.setInputFiles('input[type=file]', { name: '目录.csv', mimeType: 'text/csv', buffer: Buffer.from('品名\n') })
  await page.click('button.main')
  await page.waitForSelector('.sheet-errors')
  await reads(page, '.sheet-errors button.main', '列出的 100 个看过了，150 个都照表里的改')
  await page.click('.sheet-errors button:has-text("再看 50 个")')
  await page.waitForFunction(() => document.querySelectorAll('.sheet-errors tbody').length === 150)
  await reads(page, '.sheet-errors', /产品0.*产品99.*产品100.*产品149/s)
  await reads(page, '.sheet-errors button.main', '看过了，150 个都照表里的改')
  await page.click('.sheet-errors button.main')
  await page.waitForSelector('.result')
  assert.deepEqual(asked, ['', 'from=100', 'meant=abc'])
})

await story('who_keeps_the_catalogue_reads_a_product_first_and_edits_it_at_its_own_address', 'hub', async (page, stand, url) => {
  await page.goto(`${url}/catalogue/109`)
  await page.waitForSelector('.ring-l')
  assert.equal(await page.locator('main form').count(), 0)
  await page.click('a[href="/catalogue/109/edit"]')
  await page.waitForSelector('#storage')
  await reads(page, 'h1', '修改：舟山三疣梭子蟹')
  await page.click('.crumb')
  await page.waitForURL('**/catalogue/109')
  stand.state.account = { name: 'auditor', role: 'auditor', must_change: false }
  await page.reload()
  await page.waitForSelector('.ring-l')
  assert.equal(await page.locator('a[href="/catalogue/109/edit"]').count(), 0)
  await page.goto(`${url}/catalogue/109/edit`)
  await page.waitForSelector('h1')
  assert.equal(await page.locator('#storage').count(), 0)
})

await story('an_editor_sends_only_what_was_changed_and_never_over_a_newer_revision', 'hub', async (page, stand, url) => {
  await page.goto(`${url}/catalogue/109/edit`)
  await page.waitForSelector('#storage')
  await page.selectOption('#storage', 'chilled')
  const crab = stand.state.products.find((p) => p.id === 109)
  crab.rev = 8
  await page.click('.acts .main')
  await page.waitForSelector('.note[data-state=attention]')
  assert.equal(crab.storage, 'live')
  await filled(page, '#storage', 'chilled')
  await page.click('.acts .main')
  await page.waitForFunction(() => /第 9 版/.test(document.querySelector('.note')?.textContent ?? ''))
  assert.equal(crab.storage, 'chilled')
})

await story('no_first_press_stops_an_account_or_takes_its_password', 'hub', async (page, stand, url) => {
  stand.state.account = { name: 'admin', role: 'admin', must_change: false }
  const sent = []
  page.on('request', (r) => { if (r.method() === 'PATCH' || (r.method() === 'POST' && /accounts/.test(r.url()))) sent.push(new URL(r.url()).pathname.slice(8)) })
  const said = (re) => page.waitForFunction((re) => new RegExp(re).test(document.querySelector('.note')?.textContent ?? ''), re.source)
  const ask = async (what) => { await page.click('button[aria-label$=" auditor"]'); await page.locator('dialog .menu-list button', { hasText: what }).click() }
  await page.goto(`${url}/accounts`)
  await ask('停用')
  assert.deepEqual(sent, [])
  await reads(page, 'dialog', /auditor 就登录不了/)
  await page.click('dialog .bare')                                         // thought better of it
  await page.waitForFunction(() => !document.querySelector('dialog'))
  await ask('停用')
  await page.click('dialog .danger')
  await said(/auditor 已停用/)
  await page.click('.note button')
  await said(/auditor 又能登录了/)
  await ask('重设密码')
  assert.equal(sent.length, 2)
  await reads(page, 'dialog', /现在的密码马上作废/)
  await page.click('dialog .danger')
  await page.waitForSelector('.once')
  await ask('退出全部登录')
  assert.equal(sent.length, 3)
  await page.click('dialog .danger')
  await said(/auditor 的登录都退出了/)
  assert.deepEqual(sent, ['accounts/auditor', 'accounts/auditor', 'accounts/auditor/reset', 'accounts/auditor/logout'])
})

await story('an_account_whose_password_was_lost_on_the_way_gets_another_by_a_reset', 'hub', async (page, stand, url) => {
  stand.state.account = { name: 'admin', role: 'admin', must_change: false }
  let lost = 0
  await page.route('**/api/v1/accounts', async (route) => {
    if (route.request().method() !== 'POST' || lost++) return route.continue()
    await route.fetch()                                                    // it is made, the answer does not come back
    await route.abort()
  })
  await page.goto(`${url}/accounts`)
  await page.click('button.main')
  await page.fill('#name', 'warden')
  await page.check('input[value=auditor]')
  await page.click('button[type=submit]')
  await page.waitForSelector('.errors')
  await reads(page, '.errors', /不知道办成没有/)
  assert.doesNotMatch(await text(page, '.errors'), /没有办成/)
  await page.click('button[type=submit]')
  await page.waitForFunction(() => /warden 已经建好了/.test(document.querySelector('.note')?.textContent ?? ''))
  assert.equal(stand.state.accounts.filter((a) => a.name === 'warden').length, 1)
  await page.locator('.note button', { hasText: '重设 warden 的密码' }).click()
  await page.waitForSelector('.once')
  await reads(page, '.once', /reed-boat-1183-rain/)
})

/** The first `method` to `path` is carried out, and its answer does not come back. */
async function loseOne(page, path, method) {
  let lost = 0
  await page.route(`**/api/v1/${path}`, async (route) => {
    if (route.request().method() !== method || lost++) return route.continue()
    await route.fetch()
    await route.abort()
  })
}

await story('a_change_whose_answer_was_lost_is_saved_and_nobody_elses', 'hub', async (page, stand, url) => {
  const sent = []
  page.on('request', (r) => { if (r.method() === 'PATCH') sent.push(JSON.parse(r.postData())) })
  const note = (re) => page.waitForFunction((re) => new RegExp(re).test(document.querySelector('main .note')?.textContent ?? ''), re.source)
  await loseOne(page, 'products/109', 'PATCH')
  await page.goto(`${url}/catalogue/109/edit`)
  await page.waitForSelector('#storage')
  await page.selectOption('#storage', 'chilled')
  await page.click('.acts .main')
  await page.waitForSelector('.errors')
  await reads(page, '.errors', /不知道办成没有/)
  await page.click('.acts .main')                                          // as the page says
  await note(/已存，成为第 8 版/)
  assert.doesNotMatch(await text(page, 'main'), /别人|还没有存/)
  assert.equal(sent.length, 1)
  // A press that was changed since is told apart: what was saved, and what is not.
  await page.unroute('**/api/v1/products/109')
  await loseOne(page, 'products/109', 'PATCH')
  await page.selectOption('#storage', 'live')
  await page.click('.acts .main')
  await page.waitForSelector('.errors')
  await page.selectOption('#unit', 'box')
  await page.click('.acts .main')
  await note(/上一次按下时就存好了，成为第 9 版。那以后改的还没有存/)
  await filled(page, '#unit', 'box')
  await page.click('.acts .main')
  await note(/已存，成为第 10 版/)
  assert.deepEqual(sent.slice(1), [{ rev: 8, storage: 'live' }, { rev: 9, unit: 'box' }])
  // What somebody else did meanwhile is still somebody else's.
  await page.unroute('**/api/v1/products/109')
  await page.route('**/api/v1/products/109', (route) => (route.request().method() === 'PATCH' ? route.abort() : route.continue()))
  await page.selectOption('#unit', 'kg')
  await page.click('.acts .main')
  await page.waitForSelector('.errors')
  Object.assign(stand.state.products.find((p) => p.id === 109), { unit: 'piece', rev: 11 })
  await page.click('.acts .main')
  await note(/别人刚改过/)
  await filled(page, '#unit', 'kg')
})

await story('a_supplier_and_a_channel_whose_answer_was_lost_are_saved_too', 'hub', async (page, _stand, url) => {
  let name = null
  let rev = 0
  let channels = null
  await page.route('**/api/v1/suppliers/1', async (route) => {
    if (route.request().method() === 'PATCH') { if (name === null) { name = JSON.parse(route.request().postData()).name; return route.abort() } return route.fulfill({ status: 409, json: { error: { kind: 'conflict', rule: 'stale', field: 'rev', text: 'stale' } } }) }
    const was = { ...await (await route.fetch()).json(), uscc: '91330903MA2A1B2C3F', division: 330903 }
    rev ||= was.rev ?? 3
    return route.fulfill({ json: { ...was, rev: name ? rev + 1 : rev, name: name ?? was.name } })
  })
  await page.goto(`${url}/suppliers/1/edit`)
  await page.waitForSelector('#name')
  await page.fill('#uscc', '91330903MA2A1B2C31')
  await page.click('.acts .main')
  await reads(page, '.errors', /统一社会信用代码：最后一位对不上/)       // said before anything was fetched for it
  await page.fill('#uscc', '91330903MA2A1B2C3F')
  await page.fill('#name', '供应商甲甲')
  await page.click('.acts .main')
  await page.waitForSelector('.errors')
  await page.click('.acts .main')
  await page.waitForFunction(() => /已存，成为第/.test(document.querySelector('main .note')?.textContent ?? ''))
  assert.doesNotMatch(await text(page, 'main'), /别人|还没有存/)

  await page.route('**/api/v1/products/109', async (route) => { const was = await (await route.fetch()).json(); return route.fulfill({ json: { ...was, channels: channels ?? was.channels } }) })
  let presses = 0
  await page.route('**/api/v1/channels/*', (route) => { presses++; channels ??= []; return presses === 1 ? route.abort() : route.fulfill({ status: 409, json: { error: { kind: 'conflict', rule: 'stale', field: 'rev', text: 'stale' } } }) })
  await page.goto(`${url}/catalogue/109/edit`)
  await page.locator('.supplier + .acts button, .pend button.bare').first().click()
  await page.click('dialog .danger')
  await page.waitForSelector('dialog .errors')
  await page.click('dialog .danger')
  await page.waitForFunction(() => !document.querySelector('dialog'))
  assert.equal(presses, 1)
  await page.unrouteAll({ behavior: 'ignoreErrors' })
})

await story('a_form_changed_after_a_lost_answer_hears_what_its_first_press_did', 'hub', async (page, stand, url) => {
  stand.state.account = { name: 'admin', role: 'admin', must_change: false }
  await loseOne(page, 'accounts', 'POST')
  await page.goto(`${url}/accounts`)
  await page.click('button.main')
  await page.fill('#name', 'warden')
  await page.check('input[value=auditor]')
  await page.click('button[type=submit]')
  await page.waitForSelector('.errors')
  await page.waitForFunction(() => /warden/.test(document.querySelector('.people')?.textContent ?? ''))      // the list is read again
  await page.check('form input[value=curator]')
  await page.click('button[type=submit]')
  await page.waitForFunction(() => /warden 已经建好了，是审计员/.test(document.querySelector('.note')?.textContent ?? ''))
  assert.doesNotMatch(await text(page, 'main'), /另一个页面|已经有了/)
  await page.locator('.note button', { hasText: '重设 warden 的密码' }).click()
  await page.waitForSelector('.once')
  // A form of any other kind: a question to a branch.
  stand.state.account = { name: 'curator', role: 'curator', must_change: false }
  await loseOne(page, 'reviews/330127/9/question', 'POST')
  await page.goto(`${url}/review/330127/9`)
  await page.locator('button', { hasText: '退回补充' }).first().click()
  await page.locator('dialog textarea').fill('几月的批次？')
  await page.locator('dialog button[type=submit]').click()
  await page.waitForSelector('.errors')
  await page.locator('dialog textarea').fill('几月几日的批次？')
  await page.locator('dialog button[type=submit]').click()
  await page.waitForSelector('.decide button:disabled:has-text("退回补充")')                            // what stands is read,
  await reads(page, 'dialog .errors', /上一次按下的已经办成了[^]*办的是当时填的（[^）]*：几月的批次？）；那以后改的没有办/)      // and it is still told
  assert.equal(await page.locator('dialog [type=submit]').count(), 0)
  assert.doesNotMatch(await text(page, 'main'), /另一个页面/)
})

await story('who_withholds_decides_upon_the_request_that_stands_there', 'hub', async (page, stand, url) => {
  stand.state.account = { name: 'admin', role: 'admin', must_change: false }
  await page.goto(`${url}/audit/1204889`)
  await page.locator('.withholding .danger').click()
  const first = await text(page, 'dialog[open]')
  assert.match(first, /个人信息保护法.*说明里写了农户的身份证号.*curator.*JG330225-202611-0018/s)
  stand.state.other = { rule: 'court', rule_title: '人民法院生效裁判', reason: '供应商不愿意公开差评' }
  await page.locator('dialog .danger').click()
  await page.waitForFunction(() => /现在等着的是另一条/.test(document.querySelector('dialog .errors')?.textContent ?? ''))
  await reads(page, 'dialog[open]', /人民法院生效裁判.*供应商不愿意公开差评/s)
  assert.equal(stand.state.decided.get('withholding'), undefined)
  await page.locator('dialog .danger').click()
  await page.waitForSelector('dialog', { state: 'detached' })
  assert.deepEqual(stand.state.decided.get('withholding'), { request: 362838069063681, with: [1204861] })
  await page.goto(`${url}/audit/1204889`)
  await page.locator('.withholding button', { hasText: '不予隐去' }).click()
  await page.fill('#withhold-why', '依据不对')
  stand.state.other = { reason: '又换了理由' }
  await page.locator('dialog .main').click()
  await page.waitForFunction(() => /又换了理由/.test(document.querySelector('dialog')?.textContent ?? ''))
  await filled(page, '#withhold-why', '依据不对')
})

await story('an_account_that_another_administrator_changed_is_shown_before_it_is_changed', 'hub', async (page, stand, url) => {
  stand.state.account = { name: 'admin', role: 'admin', must_change: false }
  const of = stand.state.accounts.find((a) => a.name === 'auditor')
  const ask = async (what) => { await page.click('button[aria-label$=" auditor"]'); await page.locator('dialog .menu-list button', { hasText: what }).click(); await page.click('dialog .danger') }
  const refused = () => page.waitForFunction(() => /别人刚改过/.test(document.querySelector('.note')?.textContent ?? ''))
  await page.goto(`${url}/accounts`)
  await page.waitForSelector('.people li')
  of.role = 'curator'                                                      // another one, meanwhile
  await ask('停用')
  await refused()
  assert.equal(of.disabled, false)
  await page.waitForFunction(() => [...document.querySelectorAll('.people li')].some((li) => /auditor.*目录管理员/s.test(li.textContent)))
  await ask('停用')                                                        // and now it is about what stands
  await page.waitForFunction(() => /auditor 已停用/.test(document.querySelector('.people')?.textContent ?? ''))
  of.disabled = false
  await page.reload()
  await page.waitForSelector('.people li')
  of.password_ms += 60_000
  await ask('重设密码')
  await refused()
  assert.equal(await page.locator('.once').count(), 0)
  await ask('重设密码')
  await page.waitForSelector('.once')
})

await story('an_act_on_an_account_whose_answer_was_lost_says_what_that_means', 'hub', async (page, stand, url) => {
  stand.state.account = { name: 'admin', role: 'admin', must_change: false }
  await loseOne(page, 'accounts/auditor/reset', 'POST')
  await loseOne(page, 'accounts/auditor', 'PATCH')
  await page.goto(`${url}/accounts`)
  const ask = async (what) => { await page.click('button[aria-label$=" auditor"]'); await page.locator('dialog .menu-list button', { hasText: what }).click(); await page.click('dialog .danger') }
  await ask('重设密码')
  await page.waitForFunction(() => /原来的密码就作废了，新的临时密码没有送到/.test(document.querySelector('.note')?.textContent ?? ''))
  assert.doesNotMatch(await text(page, 'main'), /不会办两次|填的都在/)
  await page.locator('.note button', { hasText: '重设 auditor 的密码' }).click()
  await page.waitForSelector('.once')
  await ask('停用')
  await page.waitForFunction(() => /可能已经停用，也可能没有/.test(document.querySelector('.note')?.textContent ?? ''))
  await reads(page, '.people', /auditor 已停用/)
})

await story('a_login_ended_without_an_answer_promises_nothing_of_a_second_press', 'hub', async (page, _stand, url) => {
  await loseOne(page, 'sessions/7/logout', 'POST')
  await page.goto(`${url}/me`)
  await page.locator('button', { hasText: '退出' }).first().waitFor()
  await page.evaluate(() => [...document.querySelectorAll('.rows button')].find((b) => /退出/.test(b.textContent))?.click())
  await page.waitForFunction(() => /下面重新取到以后就看得出/.test(document.querySelector('main')?.textContent ?? ''))
  assert.doesNotMatch(await text(page, 'main'), /不会办两次|填的都在/)
})

await story('nothing_of_a_new_product_is_chosen_for_the_person', 'hub', async (page, stand, url) => {
  const before = stand.state.products.length
  await page.goto(`${url}/catalogue/new`)
  await page.waitForSelector('#name_zh')
  await page.waitForFunction(() => document.querySelectorAll('#origin_code option').length > 1)
  await comes(async () => assert.deepEqual(await page.evaluate(() => ['origin_code', 'unit', 'group', 'storage'].map((id) => document.getElementById(id).value)), ['', '', '', '']))
  assert.equal(await page.locator('#seasons :checked[type=checkbox], #seasons .window').count(), 0)
  await page.fill('#name_zh', '威坪辣椒酱')
  await page.click('.acts .main')
  await page.waitForSelector('.errors')
  const said = await text(page, '.errors')
  for (const word of ['产地', '单位', '品类', '储存方式', '上市']) assert.ok(said.includes(word), `${word} in ${said}`)
  assert.equal(stand.state.products.length, before)
})

await story('what_is_wrong_with_a_checkpoint_is_said_in_the_readers_words', 'hub', async (page, _stand, url) => {
  await page.goto(`${url}/audit/checkpoint`)
  for (const [kept, said] of [['330000.sunlit/log foreign', /写的是别的日志/], ['330000.sunlit/log forged', /验不过/], ['x', /少一个空行/]]) {
    await page.fill('#kept', kept)
    await page.click('button.main')
    await reads(page, '#verdict .note', said)
    assert.doesNotMatch((await text(page, '#verdict .note')).replace(/sunlit\/log|sunlit/g, ''), /[a-z]{4,}/)
  }
  assert.match(await page.evaluate(() => getComputedStyle(document.querySelector('#kept-file')).clip), /rect\(0px/)
  const label = page.locator('label[for=kept-file]')
  assert.ok((await label.boundingBox()).height >= 44)
})

await story('a_price_in_the_comparison_is_two_clicks_from_its_signed_entry', 'hub', async (page, _stand, url) => {
  await page.goto(`${url}/compare/109`)
  await page.locator('.compare tbody tr td a').first().click()
  await page.waitForSelector('.trail tbody tr')
  assert.match(page.url(), /\/behind\/price\?.*branch=/)
  await comes(async () => assert.match(await page.locator('.page-head a.button').getAttribute('href'), /audit\/evidence\?pos=\d+%2C\d+/))
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
  await reads(page, '#verdict', /一致/)
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

await story('a_branch_that_is_not_enrolled_is_not_called_unknown', 'hub', async (page, _stand, url) => {
  await page.goto(`${url}/`)
  await page.waitForSelector('.tile[data-state=unknown]')
  await reads(page, '.tile[data-state=unknown]', /未接入/)
  assert.doesNotMatch(await text(page, 'main'), /未知/)
})

await end()
