// left.mjs - who leaves the page while a press is on its way: a refusal is heard, nobody is led away from where they are, and whoever
// comes back finds the form as it is.
import assert from 'node:assert/strict'
import { comes, end, filled, held, reads, story, text } from './story.mjs'
import { fen, heading, priceForm, says, stored, until } from './phone.mjs'

/** What is sent to `path` is answered with `status` and `rule` when it is let go. */
async function refused(page, path, status, rule, field) {
  let go
  const gate = new Promise((ok) => { go = ok })
  await page.route(`**/api/v1/${path}`, async (r) => {
    if (r.request().method() === 'GET') return r.continue()
    await gate
    return r.fulfill({ status, json: { error: { kind: 'conflict', rule, text: rule, ...(field ? { field } : {}) } } })
  })
  return async () => { go(); await page.waitForResponse((r) => r.status() === status); await page.unroute(`**/api/v1/${path}`) }
}
/** A link of the frame, which a phone shows elsewhere. */
const menu = async (page, to) => { await page.evaluate((h) => document.querySelector(`a[href="${h}"]`).click(), to); await page.waitForURL(`**${to}`) }
const quiet = () => new Promise((ok) => setTimeout(ok, 600))
const scored = async (page, url) => { await page.goto(`${url}/catalogue/109/rate`); for (const m of ['quality', 'price', 'delivery']) await page.check(`input[name=${m}][value="4"]`, { force: true }) }
const wish = async (page, url) => { await page.goto(`${url}/propose/supplier`); await page.fill('#name', '供应商丁'); await page.fill('#uscc', '91330127MA27Y8K401'); await page.fill('#reason', '新签的'); await page.selectOption('#division', '330127') }
const kinds = [['price', 'prices', (page, url) => priceForm(page, url, '110'), ['#price_fen', '110']], ['rating', 'evaluations', scored, ['input[name=quality]:checked', '4']], ['proposal', 'proposals', wish, ['#name', '供应商丁']]]

for (const [what, path, fill, [field, value]] of kinds) {
  await story(`a_${what}_that_is_refused_after_its_page_was_left_comes_back_and_opens_in_its_form`, 'node', async (page, _stand, url) => {
    await fill(page, url)
    const form = new URL(page.url()).pathname
    const go = await refused(page, path, 400, 'future', 'date')
    await page.click('button[type=submit]')
    await menu(page, '/records')
    await go()
    await until('it is back', async () => (await stored(page, 'outbox'))[0]?.faults?.[0].rule === 'future')
    await until('no draft is left', async () => (await stored(page, 'drafts')).length === 0)
    assert.equal(new URL(page.url()).pathname, '/records')
    await reads(page, 'header', /需处理/)
    const [item] = await stored(page, 'outbox')
    assert.equal(item.form.path, form)
    await page.goto(`${url}/records/phone/${item.key}`)
    await page.click('.acts .main')
    await page.waitForSelector('.errors')
    assert.equal(new URL(page.url()).pathname, form)
    await filled(page, field, value)
    await page.click('button[type=submit]')
    await until('it is mended', async () => (await stored(page, 'outbox')).length === 0)
  })

  await story(`a_${what}_that_is_taken_after_its_page_was_left_leads_nobody_away`, 'node', async (page, _stand, url) => {
    await fill(page, url)
    const go = await held(page, path)
    await page.click('button[type=submit]')
    await menu(page, '/records')
    const taken = page.waitForResponse((r) => r.request().method() === 'POST' && r.status() === 201)
    go()
    await taken
    await quiet()
    assert.equal(new URL(page.url()).pathname, '/records')
    assert.deepEqual([await stored(page, 'outbox'), await stored(page, 'drafts')], [[], []])
  })
}

await story('a_record_that_cannot_be_taken_now_waits_when_its_page_was_left', 'node', async (page, stand, url) => {
  await priceForm(page, url, '110')
  const go = await refused(page, 'prices', 503, 'disk_full')
  await page.click('button[type=submit]')
  await menu(page, '/records')
  await go()
  await until('it waits', async () => (await stored(page, 'outbox')).length === 1)
  const [waits] = await stored(page, 'outbox')
  assert.equal(waits.faults, null)
  assert.equal(waits.told.every, true)                              // no answer was lost: it is known not to be there
  await until('it arrives', () => fen(stand)[0] === 11000)
})

await story('who_comes_back_while_it_is_on_its_way_finds_the_form_and_keeps_what_is_typed_since', 'node', async (page, stand, url) => {
  await priceForm(page, url, '110')
  const go = await held(page, 'prices')
  await page.click('button[type=submit]')
  await menu(page, '/records')
  await page.goBack()
  await page.waitForSelector('form button[type=submit][aria-disabled=true]')
  await filled(page, '#price_fen', '110')
  await page.fill('#price_fen', '112')
  await page.fill('#note', '后来改的')
  go()
  await says(page, '按下时填的已经存好')
  assert.match(page.url(), /catalogue\/109\/price$/)
  await comes(async () => assert.deepEqual([await page.inputValue('#price_fen'), await page.inputValue('#note')], ['112', '后来改的']))
  await until('what is typed since is a draft', async () => (await stored(page, 'drafts'))[0]?.fields.price_fen === '112')
  assert.equal(fen(stand)[0], 11000)
  await page.click('button[type=submit]')
  await page.waitForURL(/records\/prices/)
  assert.deepEqual(fen(stand).slice(0, 2), [11200, 11000])
})

await story('who_comes_back_in_time_is_told_and_led_as_if_they_had_stayed', 'node', async (page, stand, url) => {
  await priceForm(page, url, '110')
  const go = await held(page, 'prices')
  await page.click('button[type=submit]')
  await menu(page, '/records')
  await page.goBack()
  await page.waitForSelector('form button[type=submit][aria-disabled=true]')
  go()
  await page.waitForURL(/records\/prices/)
  await heading(page, '已存')
  assert.equal(fen(stand)[0], 11000)
})

await story('a_decision_that_was_refused_is_told_on_every_page_until_it_was_read', 'hub', async (page, _stand, url) => {
  await page.goto(`${url}/review/330822/10`)
  await page.waitForSelector('.decide')
  await page.fill('#reason', '再看看')
  const name = await text(page, 'h1')
  await page.click('.decide .main')
  const go = await refused(page, 'reviews/330822/10/decision', 409, 'decided')
  await page.click('dialog .main')
  await page.keyboard.press('j')                                            // the next one
  await page.waitForURL('**/review/330127/11')
  await go()
  await page.waitForSelector('.note.left')
  assert.ok((await text(page, '.note.left')).includes(name))
  assert.match(page.url(), /review\/330127\/11$/)
  await menu(page, '/catalogue')
  assert.ok((await text(page, '.note.left')).includes(name))
  await page.click('.note.left a')
  await page.waitForURL('**/review/330822/10')
  await page.waitForSelector('.errors')                                     // the form as the answer found it
  await comes(async () => assert.equal(await page.locator('.note.left').count(), 0))
})

await story('an_editor_that_was_left_leads_nobody_away_and_its_refusal_is_read', 'hub', async (page, stand, url) => {
  const fill = async () => {
    await page.goto(`${url}/catalogue/new`)
    await page.waitForFunction(() => document.querySelectorAll('#origin_code option').length > 3)
    await page.fill('#name_zh', '新产品')
    for (const [id, to] of [['group', 'aquatic'], ['origin_code', '330127'], ['unit', 'kg'], ['storage', 'live']]) await page.selectOption(`#${id}`, to)
    await page.check('#seasons input[type=checkbox]')
  }
  await fill()
  let go = await refused(page, 'products', 400, 'duplicate', 'name_zh')
  await page.click('form .acts .main')
  await menu(page, '/review')
  await go()
  await page.waitForSelector('.note.left')
  await reads(page, '.note.left', /名称：重复了/)
  await page.click('.note.left button')
  await page.waitForSelector('.note.left', { state: 'detached' })
  const before = stand.state.products.length
  await fill()
  go = await held(page, 'products')
  await page.click('form .acts .main')
  await menu(page, '/branches')
  const at = page.url()
  go()
  await until('it is made', () => stand.state.products.length === before + 1)
  await quiet()
  assert.equal(page.url(), at)
  await page.goto(`${url}/catalogue/109/edit`)
  await page.fill('#name_en', 'Typed')
  go = await refused(page, 'products/109', 400, 'length', 'name_en')
  await page.click('form .acts .main')
  await menu(page, '/catalogue')
  await go()
  await page.waitForSelector('.note.left')
  await page.click('.note.left a')
  await page.waitForURL('**/catalogue/109/edit')
  await page.waitForSelector('.errors')
  await filled(page, '#name_en', 'Typed')
})

await story('a_receipt_that_is_refused_when_its_page_was_left_is_heard_of', 'node', async (page, _stand, url) => {
  const receipt = { name: 'b.receipt', mimeType: 'application/octet-stream', buffer: Buffer.from('sunlit.carry.v1\nother') }
  await page.goto(`${url}/sync`)
  await page.click('.stick-task')
  let go = await held(page, 'sync/carry')
  await page.setInputFiles('dialog input[type=file]', receipt)
  await page.keyboard.press('Escape')                                       // the dialog alone
  go()
  await page.waitForSelector('main .note[role=alert]')
  await reads(page, 'main .note[role=alert]', /建德市（330182）支行的文件，不是本行的/)
  await page.unroute('**/api/v1/sync/carry')
  await page.click('.stick-task')
  go = await held(page, 'sync/carry')
  await page.setInputFiles('dialog input[type=file]', receipt)
  await page.waitForSelector('dialog progress, dialog .sending')
  await menu(page, '/records')
  go()
  await page.waitForSelector('.note.left')
  await reads(page, '.note.left', /b\.receipt[^]*建德市（330182）支行的文件，不是本行的/)
})

await story('a_search_that_was_begun_on_a_page_that_was_left_moves_no_other', 'node', async (page, _stand, url) => {
  for (const path of ['/catalogue', '/price', '/records']) {
    await page.goto(`${url}${path}`)
    await page.waitForSelector('input[type=search]')
    await page.evaluate(() => {
      const field = document.querySelector('input[type=search]')
      field.value = '蟹'
      field.dispatchEvent(new Event('input'))
    })
    await menu(page, '/me')
    await quiet()
    assert.equal(page.url(), `${url}/me`)
  }
})

await story('a_price_form_that_stays_open_over_midnight_is_of_the_day_it_is_filled_in', 'node', async (page, _stand, url) => {
  let ahead = 0
  await page.route('**/api/v1/status', async (r) => { const response = await r.fetch(); const body = await response.json(); return r.fulfill({ response, json: { ...body, now_ms: body.now_ms + ahead } }) })
  const later = async (days) => { ahead = days * 86400_000; await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange'))) }
  const on = (days) => new Date(Date.now() + 8 * 3600_000 + days * 86400_000).toISOString().slice(0, 10)
  const dated = (day) => page.waitForFunction((d) => document.querySelector('#date')?.value === d, day)
  await page.goto(`${url}/catalogue/109/price`)
  await dated(on(0))
  await later(1)
  await dated(on(1))
  await page.fill('#price_fen', '110')
  await later(2)
  await page.waitForSelector('#date-h')
  await reads(page, '#date-h', /开始填的那天；今天是/)
  await filled(page, '#date', on(1))
  await page.fill('#date', on(2))
  await page.waitForSelector('#date-h', { state: 'detached' })
})

await story('a_password_that_came_when_its_page_was_left_is_told_of_and_shown_there', 'hub', async (page, stand, url) => {
  stand.state.account = { name: 'admin', role: 'admin', must_change: false }
  stand.state.accounts = [{ name: 'sun', role: 'curator', disabled: false, must_change: false, last_login_ms: null, password_ms: 1 }]
  await page.goto(`${url}/accounts`)
  await page.click('.people li button')
  await page.click('dialog .menu-list button >> nth=0')
  const go = await held(page, 'accounts/sun/reset')
  await page.click('dialog .danger')
  await menu(page, '/me')
  go()
  await page.waitForSelector('.note.left')
  await page.click('.note.left a')
  await page.waitForURL('**/accounts')
  await reads(page, '.once', /sun[^]*reed-boat/)
})

await story('a_link_on_one_accounts_page_takes_nothing_out_under_who_logged_in_beside', 'node', async (page, stand, url) => {
  await page.goto(`${url}/records`)
  await page.waitForSelector('.records li')
  const press = async () => (await Promise.all([page.waitForEvent('download'), page.click('.page-head a[download]')]))[0].failure()
  assert.equal(await press(), null)
  assert.deepEqual(stand.state.taken, ['prices.xlsx'])
  stand.state.account = { name: 'staff', role: 'staff', must_change: false }
  assert.notEqual(await press(), null)
  assert.deepEqual(stand.state.taken, ['prices.xlsx'])
  assert.match(page.url(), /\/records$/)                                      // the page stands, and says whose it is
  await says(page, 'staff')
})

await story('who_logged_out_without_the_node_is_logged_out_there_before_another_logs_in', 'node', async (page, stand, url) => {
  await page.goto(`${url}/me`)
  await page.waitForSelector('button.danger, .acts button')
  await page.route('**/api/v1/status', (route) => route.abort())               // nor is the page told that the node is back
  await page.route('**/api/v1/logout', (route) => route.abort())
  await page.click('main button:has-text("退出登录")')
  await page.waitForSelector('#password')
  await page.unroute('**/api/v1/logout')
  assert.equal(stand.state.account.name, 'officer')
  const asked = []
  page.on('request', (r) => { if (r.method() === 'POST') asked.push([new URL(r.url()).pathname.slice(8), r.headers()['x-sunlit-account']]) })
  await page.fill('#name', 'staff')
  await page.fill('#password', 'as before')
  await page.click('button[type=submit]')
  await until('staff is in', () => stand.state.account?.name === 'staff')
  assert.deepEqual(asked, [['logout', `officer@${stand.site.id}`], ['login', undefined]])
  await until('nothing is left to close', () => page.evaluate(() => localStorage.getItem('sunlit.left') === null))
})

await end()
