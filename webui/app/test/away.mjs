// away.mjs - several tabs, several people, and a node that is not there: what was filled in is recorded once, under the
// name of who filled it in, and the pages open while nothing answers.  In a real browser, with its worker, against the stand-in.
import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { comes, end, filled, reads, story, text } from './story.mjs'
import { CRAB, drafted, fen, heading, held, priceForm, says, stored, until } from './phone.mjs'

/** Nothing is fetched ahead. */
const sparing = (page) => page.addInitScript(() => Object.defineProperty(navigator, 'connection', { value: { saveData: true } }))
await story('two_tabs_without_the_node_keep_both_records_also_when_one_is_closed', 'node', async (page, stand, url, { tab, context }) => {
  const second = await tab()
  await priceForm(page, url, '111.11')
  await second.goto(`${url}${CRAB}/price`)
  await second.waitForSelector('#price_fen')
  await second.fill('#price_fen', '122.22')
  await second.check('input[value=market]')
  await context.setOffline(true)
  await page.click('button[type=submit]')
  await heading(page, '已存本机')
  await second.click('button[type=submit]')
  await heading(second, '已存本机')
  assert.equal((await stored(second, 'outbox')).length, 2)
  await page.close()
  await context.setOffline(false)
  await until('both arrive', () => fen(stand).includes(11111) && fen(stand).includes(12222))
  assert.equal(fen(stand).filter((f) => f === 11111 || f === 12222).length, 2)
  await until('nothing waits', async () => (await stored(second, 'outbox')).every((i) => i.sent))
})

await story('both_tabs_closed_without_the_node_and_the_next_one_sends_what_waits', 'node', async (page, stand, url, { tab, context }) => {
  const second = await tab()
  await priceForm(page, url, '113.13')
  await priceForm(second, url, '114.14')
  await context.setOffline(true)
  for (const p of [page, second]) { await p.click('button[type=submit]'); await heading(p, '已存本机') }
  await page.close()
  await second.close()
  await context.setOffline(false)
  const later = await tab()
  await later.goto(`${url}/records`)
  await until('both arrive', () => fen(stand).includes(11313) && fen(stand).includes(11414))
})

await story('one_draft_open_in_two_tabs_and_saved_in_both_is_one_record', 'node', async (page, stand, url, { tab }) => {
  await priceForm(page, url, '115')
  await drafted(page, 'settled')
  const second = await tab()
  await second.goto(`${url}${CRAB}/price`)
  await second.waitForSelector('#price_fen')
  await filled(second, '#price_fen', '115')
  const before = stand.state.prices.length
  await Promise.all([page.click('button[type=submit]'), second.click('button[type=submit]')])
  // Both made it, or one heard of the other's before its own press: then it says so and makes none.
  const done = (tab) => tab.waitForFunction(() => document.querySelector('.stations') || /已经在另一个页面存好了|还没有存/.test(document.body.textContent))
  await Promise.all([done(page), done(second)])
  assert.equal(stand.state.prices.length, before + 1)
})

await story('a_draft_saved_in_one_tab_is_told_to_the_other_which_does_not_save_it_again', 'node', async (page, stand, url, { tab }) => {
  await priceForm(page, url, '116')
  await drafted(page, 'settled')
  const second = await tab()
  await second.goto(`${url}${CRAB}/price`)
  await second.waitForSelector('#price_fen')
  const third = await tab()
  await third.goto(`${url}${CRAB}/price`)
  await third.fill('#price_fen', '99')                                  // the same draft, and then something else
  const before = stand.state.prices.length
  await page.click('button[type=submit]')
  await page.waitForSelector('.stations')
  for (const other of [second, third]) await says(other, '已经在另一个页面存好了')
  await filled(second, '#price_fen', '')
  await second.click('button[type=submit]')
  await second.waitForSelector('.errors')
  assert.equal(stand.state.prices.length, before + 1)
  await filled(third, '#price_fen', '99')              // nothing typed is lost; saved, it is a record of its own
  await third.click('button[type=submit]')
  await third.waitForSelector('.stations')
  assert.equal(stand.state.prices.length, before + 2)
})

await story('a_colleague_who_logs_in_in_another_tab_gets_nothing_of_this_one', 'node', async (page, stand, url) => {
  await priceForm(page, url, '118')
  await page.fill('#note', '甲填的')
  const before = stand.state.prices.length
  stand.state.account = { name: 'staff', role: 'admin', must_change: false }          // the browser has one cookie
  await page.click('button[type=submit]')
  await says(page, '这个浏览器现在登录的是 staff')
  assert.equal(stand.state.prices.length, before)
  await filled(page, '#price_fen', '118')
  await page.click('text=换到 staff')
  await page.waitForSelector('.services')
  await page.goto(`${url}${CRAB}/price`)
  await page.waitForSelector('#price_fen')
  await filled(page, '#price_fen', '')                               // a draft is nobody else's
  stand.state.account = { name: 'officer', role: 'officer', must_change: false }
  await page.reload()
  await page.waitForSelector('#price_fen')
  await filled(page, '#note', '甲填的')
})

await story('a_tab_notices_by_itself_that_the_session_is_another_s_and_shows_nothing_of_it', 'node', async (page, stand, url) => {
  await page.goto(`${url}/records`)
  await page.waitForSelector('.records li')
  stand.state.account = { name: 'staff', role: 'staff', must_change: false }
  await says(page, '这个浏览器现在登录的是 staff，这一页是 officer 的')
  stand.state.account = { name: 'officer', role: 'officer', must_change: false }      // and that it is its own again
  await page.waitForFunction(() => !document.body.textContent.includes('现在登录的是 staff'))
})

await story('what_waits_goes_under_the_account_it_was_filled_in_under_or_not_at_all', 'node', async (page, stand, url, { context }) => {
  await priceForm(page, url, '119')
  await context.setOffline(true)
  await page.click('button[type=submit]')
  await heading(page, '已存本机')
  stand.state.account = { name: 'admin', role: 'admin', must_change: false }
  await context.setOffline(false)
  await says(page, '现在登录的是 admin')
  await page.click('text=换到 admin')
  await page.waitForSelector('.services')
  assert.ok(!(await text(page, 'main')).includes('这部手机上还有'))
  await page.waitForTimeout(6000)
  assert.ok(!fen(stand).includes(11900))
  stand.state.account = { name: 'officer', role: 'officer', must_change: false }
  await page.reload()
  await until('it arrives', () => fen(stand).includes(11900))
  assert.equal(stand.state.prices.find((p) => p.price_fen === 11900).actor, 'officer')
})

await story('what_waits_for_a_colleague_is_counted_with_the_name_and_shown_to_nobody_else', 'node', async (page, stand, url, { context }) => {
  await priceForm(page, url, '118.18')
  await context.setOffline(true)
  await page.click('button[type=submit]')
  await heading(page, '已存本机')
  stand.state.account = { name: 'helper', role: 'officer', must_change: false }                  // the phone is handed on
  await context.setOffline(false)
  for (const [path, said] of [['/sync', '这部手机还有 1 条是 officer 记的，没存到本行'], ['/', '这部手机还有 1 条是 officer 记的'], ['/me', '这部手机还有 1 条是 officer 记的']]) {
    await page.goto(`${url}${path}`)
    await says(page, said)
    assert.ok(!(await text(page, 'main')).includes('118.18'))
  }
  await page.evaluate(() => new Promise((done) => {                                              // the branch is set up anew
    const r = indexedDB.open('sunlit')
    r.onsuccess = () => {
      const t = r.result.transaction('outbox', 'readwrite'), all = t.objectStore('outbox').getAll()
      all.onsuccess = () => all.result.forEach((i) => t.objectStore('outbox').put({ ...i, account: 'officer@330127-00000000' }))
      t.oncomplete = () => { r.result.close(); done() }
    }
  }))
  await page.goto(`${url}/sync`)
  await says(page, '这部手机还有 1 条是本行重新建立以前记的（officer）')
  assert.ok(!(await text(page, 'main')).includes('在别的支行'))
  assert.ok(!(await text(page, 'main')).includes('118.18'))
  stand.state.account = { name: 'officer', role: 'officer', must_change: false }               // its author, as the new branch knows them
  await page.goto(`${url}/sync`)
  await says(page, '下面是自己记的')
  await reads(page, '.before', /118\.18/)
  assert.doesNotMatch(await text(page, 'main'), /都已报省中心/)
  await page.click('.before button')
  await page.click('dialog .danger')
  await page.waitForSelector('.before', { state: 'detached' })
  assert.deepEqual(await stored(page, 'outbox'), [])
})

await story('what_waits_goes_to_the_branch_it_was_filled_in_at_whoever_has_its_address_by_now', 'node', async (page, stand, url, { context }) => {
  await priceForm(page, url, '119.19')
  await page.fill('#note', '在淳安填的')
  await context.setOffline(true)
  await page.click('button[type=submit]')
  await heading(page, '已存本机')
  Object.assign(stand.site, { id: '330902-00c0ffee', code: 330902, name_zh: '定海区' })          // with an account of the same name
  await context.setOffline(false)
  await page.waitForFunction(() => JSON.parse(localStorage.getItem('sunlit.site'))?.code === 330902)   // loaded anew
  await page.goto(`${url}/sync`)
  await says(page, '本机还有 1 条记录是在别的支行填的（330127）')
  await page.waitForTimeout(6000)
  assert.ok(!fen(stand).includes(11919))
  assert.ok(!(await text(page, 'main')).includes('119.19'))                                      // counted, and shown to nobody here
  Object.assign(stand.site, { id: '330127-0f3a99c1', code: 330127, name_zh: '淳安县' })
  await until('it arrives', () => fen(stand).includes(11919))
})

await story('a_late_retry_whose_answer_was_lost_makes_no_second_record', 'node', async (page, stand, url, { context }) => {
  await priceForm(page, url, '117')
  const before = stand.state.prices.length
  let lost = 0
  await page.route('**/api/v1/prices', async (route) => {
    if (route.request().method() !== 'POST' || lost++ > 1) return route.continue()
    await route.fetch()                                                               // it arrives, the answer does not
    await route.abort()
  })
  await page.click('button[type=submit]')
  await heading(page, '已存本机')
  await until('it is sent', async () => (await stored(page, 'outbox')).every((i) => i.sent))
  assert.equal(stand.state.prices.length, before + 1)
  void context
})

await story('a_logout_without_the_node_ends_every_tab_and_the_session_before_anything_is_sent', 'node', async (page, stand, url, { context, tab }) => {
  await priceForm(page, url, '116.60')
  const before = stand.state.prices.length
  const second = await tab()
  await second.goto(`${url}/me`)
  await second.waitForSelector('button.danger, .acts button')
  await held(page)
  await context.setOffline(true)
  await page.click('button[type=submit]')
  await heading(page, '已存本机')
  await until('the other tab hears of it', async () => {
    await second.evaluate(() => { localStorage.setItem('sunlit.left', JSON.stringify('officer@330127-0f3a99c1')); new BroadcastChannel('sunlit').postMessage({ of: 'session' }) })
    return page.locator('#password').isVisible()
  })
  await context.setOffline(false)
  await until('the session is closed', () => stand.state.account === null)
  assert.equal(stand.state.prices.length, before)
})

/** The node refuses what is sent to this address, once it can be reached. */
async function refuses(page, context, path, fault) {
  let away = false
  await page.route(`**/api/v1/${path}`, (route) => {
    if (route.request().method() !== 'POST') return route.continue()
    return away ? route.abort() : route.fulfill({ status: 400, json: { error: fault } })
  })
  return async (offline) => { away = offline; await context.setOffline(offline) }
}

await story('a_record_of_the_phone_that_was_refused_is_mended_as_it_was_filled_in_and_recorded_once', 'node', async (page, stand, url, { context }) => {
  await priceForm(page, url, '￥116.50')
  await page.fill('#qty', '24')
  await page.fill('#note', '甲填的')
  const before = stand.state.prices.length
  const offline = await refuses(page, context, 'prices', { rule: 'too_old', field: 'date', text: 'too old', params: {} })
  await offline(true)
  await page.click('button[type=submit]')
  await heading(page, '已存本机')
  await offline(false)
  await page.goto(`${url}/records`)
  await says(page, '本行没收下')
  assert.ok(!(await text(page, '.rows .place')).includes('省中心'))        // it never saw it
  stand.state.link = 'up'
  await page.goto(`${url}/`)
  await says(page, '这部手机上有 1 条本行没收下，不会自己送；改好再存')
  assert.ok(!(await text(page, 'main')).includes('会自动送'))
  await until('the chip asks for a person', async () => /需处理 1/.test(await text(page, '.chip')))
  stand.state.link = 'down'
  await page.click('text=改好再存：')
  await says(page, '本行没有收下这条')
  await page.click('.acts .main')
  await page.waitForSelector('.errors')
  await filled(page, '#price_fen', '￥116.50')
  await filled(page, '#qty', '24')
  await filled(page, '#note', '甲填的')
  await reads(page, '.errors', /采价日期/)
  await comes(async () => assert.equal(await page.getAttribute('#date', 'aria-invalid'), 'true'))
  await offline(true)                                        // mended without the node, it takes its place
  await page.fill('#note', '改过了')
  await page.click('button[type=submit]')
  await heading(page, '已存本机')
  assert.deepEqual((await stored(page, 'outbox')).map((i) => i.body.note), ['改过了'])
  await offline(false)
  await says(page, '本行没有收下这条')
  await page.unroute('**/api/v1/prices')
  await page.click('.acts .main')
  await page.waitForSelector('.errors')
  await page.click('button[type=submit]')
  await page.waitForSelector('.stations')
  assert.equal(stand.state.prices.length, before + 1)
  assert.equal(stand.state.prices[0].note, '改过了')
  assert.deepEqual(await stored(page, 'outbox'), [])
  assert.deepEqual(await stored(page, 'drafts'), [])
})

await story('a_proposal_of_the_phone_that_was_refused_opens_with_all_that_was_written', 'node', async (page, stand, url, { context }) => {
  await page.goto(`${url}/propose/product`)
  await page.fill('#name_zh', '威坪豆腐干')
  await page.selectOption('#group', 'processed')
  await page.selectOption('#origin_code', '330127')
  await page.selectOption('#unit', 'kg')
  await page.selectOption('#storage', 'chilled')
  await page.check('#seasons input[type=checkbox]')
  await page.fill('#reason', '三个食堂都在用')
  const offline = await refuses(page, context, 'proposals', { rule: 'exists', field: 'patch.name_zh', text: 'exists', params: {} })
  await offline(true)
  await page.click('button[type=submit]')
  await heading(page, '已存本机')
  await offline(false)
  await says(page, '本行没有收下这条')
  await page.click('.acts .main')
  await page.waitForSelector('.errors')
  await filled(page, '#name_zh', '威坪豆腐干')
  await filled(page, '#storage', 'chilled')
  await filled(page, '#reason', '三个食堂都在用')
  await comes(async () => assert.equal(await page.getAttribute('#name_zh', 'aria-invalid'), 'true'))
  await page.unroute('**/api/v1/proposals')
  await page.fill('#name_zh', '威坪五香豆腐干')
  await page.click('button[type=submit]')
  await page.waitForURL('**/records/proposals**')
  assert.equal(stand.state.proposals.filter((p) => p.patch?.name_zh?.startsWith('威坪')).map((p) => p.patch.name_zh).join(), '威坪五香豆腐干,威坪辣椒酱')
  assert.deepEqual(await stored(page, 'outbox'), [])
})

await story('what_the_former_version_kept_is_brought_over', 'node', async (page, stand, url) => {
  await page.addInitScript(() => {
    if (localStorage.getItem('seen')) return
    localStorage.setItem('seen', '1')
    localStorage.setItem('sunlit.site', JSON.stringify({ kind: 'node', code: 330127, name_zh: '淳安县', name_en: 'Chun’an', version: '0.9.0' }))
    localStorage.setItem('sunlit.outbox', JSON.stringify([{ key: '11111111-2222-4333-8444-555555555555', path: 'prices', body: { product: 109, price_fen: 12345, date: new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 10), source: 'market' }, title: '梭子蟹', kind: 'price', account: 'officer', at_ms: Date.now(), faults: null }]))
    localStorage.setItem('sunlit.draft.officer.price.109.', JSON.stringify({ price_fen: '110', note: '旧草稿' }))
    localStorage.setItem('sunlit.draft..login', JSON.stringify({ name: 'officer', password: 'secret' }))
    localStorage.setItem('sunlit.draft.officer.password', JSON.stringify({ old: 'secret' }))
  })
  await page.goto(`${url}${CRAB}/price`)
  await page.waitForSelector('#price_fen')
  await filled(page, '#note', '旧草稿')
  await until('the record arrives', () => fen(stand).includes(12345))
  // And what the one after that kept under the name alone.
  await page.evaluate(() => new Promise((ok) => {
    const open = indexedDB.open('sunlit')
    open.onsuccess = () => {
      const t = open.result.transaction(['outbox', 'drafts'], 'readwrite')
      const row = { account: 'officer', at_ms: Date.now(), faults: null }
      t.objectStore('outbox').put({ ...row, key: '21111111-2222-4333-8444-555555555555', path: 'prices', title: '梭子蟹', kind: 'price', body: { product: 109, price_fen: 12346, date: new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 10), source: 'market' } })
      t.objectStore('drafts').put({ ...row, id: 'rate.109', key: '31111111-2222-4333-8444-555555555555', fields: { remark: '旧评语' } })
      t.oncomplete = () => { open.result.close(); localStorage.removeItem('sunlit.sited'); ok() }
    }
  }))
  await page.reload()
  await until('that one arrives too', () => fen(stand).includes(12346))
  assert.ok((await stored(page, 'drafts')).every((d) => d.account === 'officer@330127-0f3a99c1'))
  assert.ok((await stored(page, 'drafts')).some((d) => d.id === 'rate.109'))
  const left = await page.evaluate(() => Object.keys(localStorage).filter((k) => /outbox|draft/.test(k)))
  assert.deepEqual(left, [])
  assert.ok((await stored(page, 'drafts')).every((d) => !JSON.stringify(d).includes('secret')))
})

await story('what_was_kept_at_another_branch_before_sites_had_names_stays_apart_until_that_branch_answers', 'node', async (page, stand, url) => {
  const waits = { path: 'prices', title: '梭子蟹', kind: 'price', account: 'officer', at_ms: Date.now(), faults: null }
  const body = (price_fen) => ({ product: 109, price_fen, date: new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 10), source: 'market' })
  await page.addInitScript(([one]) => {
    if (localStorage.getItem('seen')) return
    localStorage.setItem('seen', '1')
    localStorage.setItem('sunlit.site', JSON.stringify({ kind: 'node', code: 330902, name_zh: '定海区', name_en: 'Dinghai', version: '0.9.0' }))
    localStorage.setItem('sunlit.outbox', JSON.stringify([one]))
    localStorage.setItem('sunlit.draft.officer.price.109.', JSON.stringify({ price_fen: '110', note: '定海的草稿' }))
  }, [{ ...waits, key: '11111111-2222-4333-8444-555555555555', body: body(12345) }])
  await page.goto(`${url}${CRAB}/price`)
  await page.waitForSelector('#price_fen')
  await filled(page, '#note', '')
  // Every later start of the same browser here, and what turns up late, too.
  await page.evaluate((one) => localStorage.setItem('sunlit.outbox', JSON.stringify([one])), { ...waits, key: '21111111-2222-4333-8444-555555555555', body: body(12346) })
  await page.reload()
  await page.waitForSelector('#price_fen')
  await page.goto(`${url}/sync`)
  await says(page, '本机还有 2 条记录是在别的支行填的（330902）')
  assert.deepEqual((await stored(page, 'outbox')).map((i) => [i.account, i.sent]), [['officer@330902', undefined], ['officer@330902', undefined]])
  assert.deepEqual((await stored(page, 'drafts')).map((d) => d.account), ['officer@330902'])
  assert.ok(!fen(stand).some((f) => f === 12345 || f === 12346))
  // The same address is that branch's again, which by now has a name of its own.
  Object.assign(stand.site, { id: '330902-77aa0c12', code: 330902, name_zh: '定海区' })
  await page.reload()
  await until('both arrive where they were filled in', () => fen(stand).includes(12345) && fen(stand).includes(12346))
  assert.deepEqual((await stored(page, 'drafts')).map((d) => d.account), ['officer@330902-77aa0c12'])
})

await story('a_password_is_kept_nowhere_while_it_is_typed', 'node', async (page, stand, url) => {
  stand.state.account = null
  await page.goto(`${url}/login`)
  await page.fill('#name', 'officer')
  await page.fill('#password', 'hundred crabs')
  await page.waitForTimeout(300)
  assert.ok(!(await page.evaluate(() => JSON.stringify(localStorage))).includes('hundred crabs'))
  assert.ok(!JSON.stringify(await stored(page, 'drafts')).includes('hundred crabs'))
})

await story('a_record_saved_without_the_node_and_without_the_worker_is_confirmed_on_the_page', 'node', async (page, stand, url, { context }) => {
  await page.route('**/sw.js', (route) => route.abort())
  await sparing(page)
  await priceForm(page, url, '120', 'settled', false)
  await context.setOffline(true)
  await page.click('button[type=submit]')
  await heading(page, '已存本机')
  await context.setOffline(false)
  await until('it arrives', () => fen(stand).includes(12000))
})

const confirmAway = async (page, url, context) => {
  await page.goto(`${url}/catalogue/101`)
  await page.waitForSelector('.note button')
  await held(page)
  await context.setOffline(true)
  await page.click('.note button')
  await page.click('dialog .main')
  await says(page, '已存本机')
  await page.goto(`${url}/records/phone/${(await stored(page, 'outbox'))[0].key}`)
  await heading(page, '已存本机')
}

await story('a_confirmation_that_waited_on_the_phone_leads_to_its_product_when_it_has_arrived', 'node', async (page, stand, url, { context }) => {
  await confirmAway(page, url, context)
  await context.setOffline(false)
  await until('it arrives', () => stand.state.products.find((p) => p.id === 101).confirmed)
  await page.waitForURL(/catalogue\/101/)
  await says(page, '已经核实，记录已存本行')
})

await story('a_confirmation_that_waited_while_the_province_changed_the_product_is_looked_at_again', 'node', async (page, stand, url, { context }) => {
  await confirmAway(page, url, context)
  const one = stand.state.products.find((p) => p.id === 101)
  Object.assign(one, { rev: 8, seasons: [{ kind: 'open', start_md: 101, end_md: 229 }], storage_note_zh: '改过的说明' })
  await context.setOffline(false)
  await says(page, '别人刚改过')
  await says(page, '改过的说明')
  await comes(async () => assert.match(await page.textContent('body'), /1月—2月/))
  assert.ok(!one.confirmed)
  await page.click('text=看过了，核实现在的内容')
  await page.waitForURL(/catalogue\/101/)
  await says(page, '已经核实，记录已存本行')
  assert.ok(one.confirmed)
  assert.deepEqual(await stored(page, 'outbox'), [])
})

await story('what_was_confirmed_and_changed_since_is_not_told_as_confirmed', 'node', async (page, stand, url) => {
  const one = stand.state.products.find((p) => p.id === 101)
  one.lapsed = [{ branch: 330127, name: '淳安县', name_en: "Chun'an County", at_ms: Date.now(), rev: one.rev - 1, counts: false }]
  await page.goto(`${url}/catalogue/101?confirmed=1`)               // as it opens when the answer to what waited has come
  await says(page, '待核实')
  await page.waitForSelector('.stale button')
  assert.doesNotMatch(await page.textContent('main'), /已经核实，记录已存本行/)
})

await story('who_presses_save_three_times_makes_one_record_and_goes_back_past_the_form', 'node', async (page, stand, url) => {
  await page.goto(`${url}${CRAB}`)
  await page.waitForSelector('.store')
  await page.goto(`${url}${CRAB}/price`)
  await page.fill('#price_fen', '121')
  await page.check('input[value=settled]')
  const before = stand.state.prices.length
  await page.evaluate(() => { for (let i = 0; i < 3; i++) document.querySelector('button[type=submit]').click() })
  await page.waitForSelector('.stations')
  assert.equal(stand.state.prices.length, before + 1)
  await page.goBack()
  await page.waitForSelector('.store')
  assert.equal(new URL(page.url()).pathname, CRAB)
})

await story('a_device_without_room_says_so_and_the_form_keeps_what_was_typed', 'node', async (page, stand, url, { context }) => {
  await page.addInitScript(() => {
    const put = IDBObjectStore.prototype.put
    IDBObjectStore.prototype.put = function (...what) { if (this.name === 'outbox') throw new DOMException('no room', 'QuotaExceededError'); return put.apply(this, what) }
  })
  await priceForm(page, url, '122')
  await context.setOffline(true)
  await page.click('button[type=submit]')
  await page.waitForSelector('.errors')
  await says(page, '这部手机也存不下')
  await filled(page, '#price_fen', '122')
  await comes(async () => assert.equal(await page.isChecked('input[value=settled]'), true))
  assert.ok(!(await text(page, 'h1')).includes('已存本机'))
  const before = stand.state.prices.length
  await context.setOffline(false)
  await page.click('button[type=submit]')
  await page.waitForSelector('.stations')
  assert.equal(stand.state.prices.length, before + 1)
})

await story('what_waits_is_kept_when_the_node_says_that_it_is_too_fast', 'node', async (page, stand, url, { context }) => {
  await priceForm(page, url, '123')
  await context.setOffline(true)
  await page.click('button[type=submit]')
  await heading(page, '已存本机')
  let asked = 0
  await context.route('**/api/v1/prices', (route) => {
    if (route.request().method() !== 'POST') return route.continue()
    asked++
    return route.fulfill({ status: 429, contentType: 'application/json', headers: { 'Retry-After': '15' }, body: JSON.stringify({ error: { kind: 'limit', rule: 'rate', field: '', text: 'too fast' } }) })
  })
  await context.setOffline(false)
  await until('it is tried', () => asked > 0)
  await until('it waits', async () => (await stored(page, 'outbox')).some((i) => i.body.price_fen === 12300 && !i.faults && !i.sent))
  await context.unroute('**/api/v1/prices')
  await page.goto(`${url}/records`)
  await until('it arrives', () => fen(stand).includes(12300))
})

await story('without_the_worker_a_tap_on_a_page_never_fetched_stays_and_says_so_and_opens_later', 'node', async (page, stand, url, { context }) => {
  await page.route('**/sw.js', (route) => route.abort())
  await sparing(page)
  await page.goto(`${url}/catalogue`)
  await page.waitForSelector('.catalogue li')
  await context.setOffline(true)                                                      // within the five seconds the last answer is trusted
  await page.click('nav.menu a[href="/records"]')
  await says(page, '连上后才能打开')
  assert.match(page.url(), /\/catalogue$/)
  await comes(async () => assert.ok(await page.locator('.catalogue li').count() > 0))
  await context.setOffline(false)
  await page.waitForURL('**/records')
})

await story('the_tabs_are_fetched_ahead_so_that_they_open_without_the_worker', 'node', async (page, stand, url, { context }) => {
  await page.route('**/sw.js', (route) => route.abort())
  let last = Date.now()
  let ahead = 0
  page.on('requestfinished', (r) => { if (r.url().includes('/assets/')) { last = Date.now(); ahead++ } })
  await page.goto(`${url}/`)
  await page.waitForSelector('.product')
  ahead = 0
  await until('all are there', () => ahead > 0 && Date.now() - last > 3000)
  await context.setOffline(true)
  for (const [path, h1] of [['/records', '记录'], ['/me', '我的'], ['/', '等我办的']]) {
    await page.click(`nav.menu a[href="${path}"]`)
    await heading(page, h1)
  }
})

await story('the_pages_open_without_the_node_after_a_reload_from_a_bookmark_and_from_the_home_screen', 'node', async (page, stand, url, { tab, port }) => {
  await page.goto(`${url}/`)
  await page.waitForSelector('.product')
  await page.click('nav.menu a[href="/records"]')
  await page.waitForSelector('.records li')
  await held(page)
  await stand.close()
  await page.reload()
  await page.waitForSelector('.records li')                                           // the last data,
  await says(page, '取到的内容')                                                       // with its age
  const bookmark = await tab()
  await bookmark.goto(`${url}/proposals/7`)                                           // never seen here
  await says(bookmark, '这一页还没有取过')
  const home = await tab()
  await home.goto(`${url}/`)
  await home.waitForSelector('.services')
  const typing = await tab()
  await typing.goto(`${url}${CRAB}/price`)
  await says(typing, '这一页还没有取过')
  await stand.listen(port)
  await bookmark.waitForFunction(() => !document.body.textContent.includes('这一页还没有取过'))   // by itself
  await typing.waitForSelector('#price_fen')
})

await story('a_draft_and_what_waits_are_there_after_a_start_without_the_node', 'node', async (page, stand, url, { tab, port }) => {
  await page.goto(`${url}/`)
  await page.waitForSelector('.product')
  await held(page)
  await priceForm(page, url, '121')
  await held(page)
  await stand.close()
  await page.click('button[type=submit]')
  await heading(page, '已存本机')
  await page.close()
  const again = await tab()
  await again.goto(`${url}/`)
  await says(again, '这部手机上还有 1 条')
  await again.goto(`${url}${CRAB}/price`)
  await again.fill('#price_fen', '88')
  await drafted(again, '88')
  await again.reload()
  await again.waitForSelector('#price_fen')
  await filled(again, '#price_fen', '88')
  await stand.listen(port)
  await until('it arrives', () => fen(stand).includes(12100))
})

await story('who_logged_out_without_the_node_is_not_shown_again_and_the_session_is_closed_later', 'node', async (page, stand, url, { port }) => {
  await page.goto(`${url}/records`)
  await page.waitForSelector('.records li')
  await held(page)
  assert.ok((await stored(page, 'last')).length > 0)
  await page.goto(`${url}/me`)
  await page.waitForSelector('text=退出登录')
  await stand.close()
  await page.click('text=退出登录')
  await page.waitForSelector('#password')
  assert.deepEqual((await stored(page, 'last')).filter((r) => r.data), [])             // no personal data stays
  await page.goto(`${url}/records`)
  await page.waitForSelector('#password')
  await stand.listen(port)
  assert.ok(stand.state.account)                                                      // the cookie is still good,
  await page.reload()
  await page.waitForSelector('#password')
  assert.equal(stand.state.account, null)                                             // until the page could say it
})

await story('home_says_that_it_does_not_know_and_when_it_knew', 'node', async (page, stand, url, { port }) => {
  await page.goto(`${url}/catalogue`)
  await page.waitForSelector('.catalogue li')
  await held(page)
  stand.state.account = { name: 'officer', role: 'officer', must_change: false }
  await stand.close()
  await page.click('nav.menu a[href="/"]')
  await says(page, '还不知道有没有等我办的')
  assert.ok(!(await text(page, 'main')).includes('没有要核实的产品'))
  await stand.listen(port)
})

await story('nothing_is_counted_before_it_was_fetched', 'hub', async (page, stand, url) => {
  await page.route(/api\/v1\/(reviews|catalogue|branches)/, () => undefined)              // answers never come
  for (const [path, wrong] of [['/review', /待审 0/], ['/catalogue', /\b0 种/], ['/branches', /\b0\b/]]) {
    await page.goto(`${url}${path}`)
    await page.waitForSelector('h1')
    await page.waitForTimeout(600)
    assert.doesNotMatch(await text(page, 'main'), wrong, path)
  }
})

await story('newer_pages_are_fetched_whole_and_never_mixed_with_these', 'node', async (page, stand, url, { port, context }) => {
  await page.goto(`${url}/catalogue`)
  await page.waitForSelector('.catalogue li')
  await held(page)
  // The node comes back upgraded: other names in its page, and the old ones gone.
  await stand.close()
  await page.waitForFunction(() => /连不上/.test(document.querySelector('.chip')?.textContent ?? ''))
  stand.upgrade()
  await stand.listen(port)
  await says(page, '程序有了新版本')
  await page.click('nav.menu a[href="/records"]')
  await page.waitForSelector('.records li')
  const names = await page.evaluate(() => performance.getEntriesByType('resource').map((r) => r.name).filter((n) => /\/assets\/.*\.js/.test(n)))
  assert.ok(names.length > 0 && names.every((n) => n.includes('newer-')), names.find((n) => !n.includes('newer-')))
  await page.waitForFunction(async () => (await caches.keys()).length === 2)   // this build's, and the one before
  await held(page)
  await stand.close()
  await page.reload()
  await page.waitForSelector('.records li')
  void context
})

await story('a_file_written_after_it_was_chosen_is_refused_by_that_name', 'hub', async (page, stand, url) => {
  const file = join(mkdtempSync(join(tmpdir(), 'sunlit-file-')), 'catalogue.csv')
  writeFileSync(file, 'name_zh\n鱼\n')
  await page.goto(`${url}/import`)
  await page.setInputFiles('input[type=file]', file)
  writeFileSync(file, 'name_zh\n鱼和虾，改过了\n')
  await page.click('button.main')
  await says(page, '文件选好以后又改过')
})

await end()
