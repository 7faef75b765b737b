// pressed.mjs - what a press takes, and what is typed, or was typed, beside it: nothing of that is lost, and nothing of it is said to be saved.
import assert from 'node:assert/strict'
import { comes, end, filled, held, reads, story, text } from './story.mjs'
import { fen, heading, priceForm, says, stored, until } from './phone.mjs'

const note = (page, re) => page.waitForFunction((re) => new RegExp(re).test(document.querySelector('main')?.textContent ?? ''), re.source)
const drafts = async (page) => (await stored(page, 'drafts')).map((d) => d.id)

await story('an_act_of_the_head_leaves_what_is_typed_in_the_editor', 'hub', async (page, stand, url) => {
  const product = stand.state.products.find((p) => p.id === 109)
  const sent = []
  page.on('request', (r) => { if (r.method() === 'PATCH') sent.push(JSON.parse(r.postData())) })
  const typed = async () => [await page.inputValue('#storage_note_zh'), await page.inputValue('#name_en')]
  await page.setViewportSize({ width: 1280, height: 900 })
  await page.goto(`${url}/catalogue/109/edit`)
  await page.fill('#storage_note_zh', '写了一半的说明')
  await page.fill('#name_en', 'Typed')
  const acts = [
    ['退回待核实', () => page.click('.page-head .acts button')], ['核实', () => page.click('.page-head .acts button')],
    ['下架', async () => { await page.click('button.danger.only-desk'); await page.fill('#delist-reason', '不卖了'); await page.click('dialog button.danger') }],
    ['重新上架', () => page.click('.page-head .acts button')],
  ]
  for (const [what, act] of acts) {
    const rev = product.rev + 1
    await reads(page, what === '下架' ? 'button.danger.only-desk' : '.page-head .acts button', what)
    await act()
    await note(page, new RegExp(`办好了，成为第 ${rev} 版。下面改的 2 项还没有存`))
    await comes(async () => assert.deepEqual(await typed(), ['写了一半的说明', 'Typed'], what))
  }
  await until('the draft is there', async () => (await drafts(page)).includes('product.109'))
  await page.reload()
  await note(page, /接着上次没存完的填/)
  await comes(async () => assert.deepEqual(await typed(), ['写了一半的说明', 'Typed']))
  await page.click('form .acts .main')
  await note(page, /已存，成为第/)
  assert.deepEqual(sent.at(-1), { rev: product.rev - 1, storage_note_zh: '写了一半的说明', name_en: 'Typed' })
  await until('no draft is left', async () => (await drafts(page)).length === 0)
})

await story('what_is_typed_in_an_editor_while_a_save_is_on_its_way_stays_and_is_no_part_of_it', 'hub', async (page, stand, url) => {
  const sent = []
  page.on('request', (r) => { if (r.method() === 'PATCH') sent.push(JSON.parse(r.postData())) })
  await page.goto(`${url}/catalogue/109/edit`)
  await page.fill('#storage_note_zh', ' 头一次 ')
  const go = await held(page, 'products/109')
  await page.click('form .acts .main')
  await page.fill('#name_en', 'Since')
  await page.fill('#storage_note_zh', '第二次')
  go()
  await note(page, /上一次按下时就存好了，成为第 8 版。那以后改的还没有存/)
  await comes(async () => assert.deepEqual([await page.inputValue('#storage_note_zh'), await page.inputValue('#name_en')], ['第二次', 'Since']))
  await reads(page, '.panel', /头一次[^]*第二次/)
  await until('what is left is a draft', async () => (await stored(page, 'drafts')).some((d) => d.fields.product.name_en === 'Since' && d.fields.base.storage_note_zh === '头一次'))
  await page.click('form .acts .main')
  await note(page, /已存，成为第 9 版/)
  assert.deepEqual(sent, [{ rev: 7, storage_note_zh: '头一次' }, { rev: 8, storage_note_zh: '第二次', name_en: 'Since' }])
  await reads(page, 'form .acts .main', '还没有改动')
  await until('no draft is left', async () => (await drafts(page)).length === 0)
})

await story('what_is_typed_of_a_supplier_while_a_save_is_on_its_way_stays', 'hub', async (page, _stand, url) => {
  const now = { rev: 3, contact_name: '', contact_phone: '' }
  let go
  const gate = new Promise((ok) => { go = ok })
  await page.route('**/api/v1/suppliers/1', async (route) => {
    if (route.request().method() === 'GET') return route.fulfill({ json: { ...await (await route.fetch()).json(), uscc: '91330903MA2A1B2C3F', ...now } })
    await gate
    Object.assign(now, route.request().postDataJSON(), { rev: now.rev + 1 })
    return route.fulfill({ json: { id: 1, rev: now.rev } })
  })
  await page.goto(`${url}/suppliers/1/edit`)
  await page.fill('#contact_name', '张三')
  await page.click('form .main[type=submit]')
  await page.fill('#contact_phone', '0571-88880000')
  await page.check('input[name=status][value=suspended]')
  await page.fill('#status_reason', '许可证过期')
  go()
  await note(page, /那以后改的还没有存/)
  await comes(async () => assert.deepEqual([await page.inputValue('#contact_name'), await page.inputValue('#contact_phone'), await page.inputValue('#status_reason')], ['张三', '0571-88880000', '许可证过期']))
  await page.click('form .main[type=submit]')
  await until('the rest is saved', () => now.contact_phone === '0571-88880000' && now.status === 'suspended')
  assert.equal(now.contact_name, '张三')
})

/** What a form sends is not answered, while the node answers everything else; `cut` loses it. */
async function silent(page, path) {
  let cut
  let over = false
  const gate = new Promise((ok) => { cut = ok })
  await page.route(`**/api/v1/${path}`, async (route) => {
    if (over || route.request().method() !== 'POST') return route.continue()
    await gate
    return route.abort()
  })
  return async () => { over = true; cut() }
}

await story('what_waits_here_is_what_was_pressed_and_what_was_corrected_since_stays_in_the_form', 'node', async (page, stand, url, { context }) => {
  await priceForm(page, url, '110')
  const key = async () => (await stored(page, 'drafts'))[0]?.key
  await until('a draft', key)
  const under = await key()
  const cut = await silent(page, 'prices')
  await page.click('button[type=submit]')
  await page.fill('#price_fen', '112')
  await page.press('#price_fen', 'Enter')
  await context.setOffline(true)
  await cut()
  await says(page, '那以后改的还在下面，没有存')
  const [item] = await stored(page, 'outbox')
  assert.deepEqual([item.key, item.body.price_fen, item.form.fields.price_fen], [under, 11000, '110'])
  assert.match(item.title, /110\.00/)
  await reads(page, 'form .note', /已存本机：.*110\.00/)
  await filled(page, '#price_fen', '112')
  await until('a draft of its own', async () => { const [d] = await stored(page, 'drafts'); return d?.fields.price_fen === '112' && d.key !== under })
  await page.click('form .note a')
  await heading(page, '已存本机')
  assert.ok((await text(page, 'main')).includes('110.00'))
  await context.setOffline(false)
  await until('it arrives', () => fen(stand).includes(11000))
  assert.ok(!fen(stand).includes(11200))
})

await story('a_record_that_was_saved_is_the_pressed_one_and_the_next_press_makes_another', 'node', async (page, stand, url) => {
  await priceForm(page, url, '110')
  const go = await held(page, 'prices')
  await page.click('button[type=submit]')
  await page.fill('#price_fen', '112')
  go()
  await says(page, '按下时填的已经存好')
  assert.equal(fen(stand)[0], 11000)
  await filled(page, '#price_fen', '112')
  await comes(async () => assert.match(await page.getAttribute('form .note a', 'href'), new RegExp(`/records/prices/${stand.state.prices[0].id}`)))
  await page.click('button[type=submit]')
  await page.waitForURL(/records\/prices/)
  assert.deepEqual(fen(stand).slice(0, 2), [11200, 11000])
})

await story('scores_and_a_proposal_are_taken_whole_at_the_press', 'node', async (page, _stand, url, { context }) => {
  await page.goto(`${url}/catalogue/109/rate`)
  const score = async (n) => { for (const m of ['quality', 'price', 'delivery']) await page.check(`input[name=${m}][value="${n}"]`, { force: true }) }
  await score(1)
  let cut = await silent(page, 'evaluations')
  await page.click('button[type=submit]')
  await score(5)
  await page.fill('#remark', '很好')
  await cut()
  await says(page, '那以后改的还在下面，没有存')
  const rated = (await stored(page, 'outbox')).find((i) => i.kind === 'evaluation')
  assert.deepEqual([rated.body.quality, rated.body.remark, rated.form.fields.quality], [1, undefined, 1])
  assert.match(rated.title, /1/)
  assert.doesNotMatch(rated.title, /5/)
  await filled(page, '#remark', '很好')
  await page.goto(`${url}/catalogue/109/correct`)
  await page.selectOption('#storage', 'chilled')
  await page.fill('#reason', '冷藏才卖')
  cut = await silent(page, 'proposals')
  await page.click('button[type=submit]')
  await page.selectOption('#storage', 'frozen')
  await page.fill('#reason', '是冻的')
  await context.setOffline(true)
  await cut()
  await says(page, '那以后改的还在下面，没有存')
  const proposed = (await stored(page, 'outbox')).find((i) => i.kind === 'proposal')
  assert.deepEqual([proposed.body.patch, proposed.body.reason, proposed.form.fields.reason], [{ storage: 'chilled' }, '冷藏才卖', '冷藏才卖'])
  await filled(page, '#reason', '是冻的')
})

/** As a finger does, whether or not the button looks as if it could be pressed. */
const press = (page, words) => page.evaluate((w) => [...document.querySelectorAll('main form button')].find((b) => b.textContent.trim() === w).click(), words)
const scored = async (page, url) => { await page.goto(`${url}/catalogue/109/rate`); for (const m of ['quality', 'price', 'delivery']) await page.check(`input[name=${m}][value="4"]`, { force: true }) }
const wish = async (page, url) => { await page.goto(`${url}/propose/supplier`); await page.fill('#name', '供应商丁'); await page.fill('#uscc', '91330127MA27Y8K401'); await page.fill('#reason', '新签的'); await page.selectOption('#division', '330127') }

for (const [what, path, fill] of [['price', 'prices', (page, url) => priceForm(page, url, '110')], ['rating', 'evaluations', scored], ['proposal', 'proposals', wish]]) {
  await story(`a_${what}_that_is_on_its_way_is_kept_once_whatever_is_pressed_meanwhile`, 'node', async (page, _stand, url, { context }) => {
    await fill(page, url)
    await until('a draft', async () => (await stored(page, 'drafts')).length === 1)
    await page.reload()                                                   // so that it is offered to begin anew
    await note(page, /接着上次没存完的填/)
    const keys = []
    page.on('request', (r) => { if (r.method() === 'POST' && r.url().endsWith(`/${path}`)) keys.push(r.headers()['idempotency-key']) })
    const cut = await silent(page, path)
    await page.click('button[type=submit]')
    await until('it is sent', () => keys.length === 1)
    const at = page.url()
    for (const words of ['不存了', '清空重填']) await press(page, words)
    await comes(async () => assert.equal(await page.locator('main form button[aria-disabled=true]:has-text("不存了")').count(), 1))
    assert.equal(page.url(), at)
    await context.setOffline(true)
    await cut()
    await until('it waits', async () => (await stored(page, 'outbox')).length === 1)
    await context.setOffline(false)
    await until('it arrives', async () => keys.length > 1 && (await stored(page, 'outbox')).every((i) => i.sent))
    assert.equal(new Set(keys).size, 1, keys.join(' '))
    assert.equal((await stored(page, 'outbox')).length, 1)
  })
}

await story('an_editor_is_not_left_while_a_save_is_on_its_way', 'hub', async (page, _stand, url) => {
  for (const [path, api, field, said] of [['catalogue/109/edit', 'products/109', '#name_en', /已存，成为第/], ['catalogue/new', 'products', '#name_zh', null]]) {
    await page.goto(`${url}/${path}`)
    await page.fill(field, 'Typed')
    if (!said) {
      for (const [id, to] of [['group', 'aquatic'], ['origin_code', '330127'], ['unit', 'kg'], ['storage', 'live']]) await page.selectOption(`#${id}`, to)
      await page.check('#seasons input[type=checkbox]')
    }
    const go = await held(page, api)
    await page.click('form .acts .main')
    await page.waitForSelector('form .acts [aria-disabled=true]:has-text("不存了")')
    await press(page, '不存了')
    await filled(page, field, 'Typed')
    go()
    if (said) await note(page, said)
    else await page.waitForURL(/catalogue\/\d+$/)
  }
})

await story('what_is_done_once_takes_nothing_more_while_it_is_on_its_way', 'hub', async (page, stand, url) => {
  await page.goto(`${url}/review/prices`)
  await page.waitForSelector('.doubt')
  await page.locator('.doubt .bare').click()
  await page.fill('#judge-reason', '单位写成了整箱')
  const go = await held(page, 'price-doubts/*/501')
  await page.click('dialog .main, dialog .danger')
  await page.focus('#judge-reason')
  await page.keyboard.type('再写几个字')
  await filled(page, '#judge-reason', '单位写成了整箱')
  go()
  await page.waitForFunction(() => !document.querySelector('dialog'))
  assert.equal(stand.state.judged.get('501').reason, '单位写成了整箱')
})

const sheet = (name) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(`品名,单价\n${name},1\n`) })

await story('no_other_sheet_is_chosen_while_one_is_on_its_way_and_a_question_is_answered_for_its_own', 'node', async (page, _stand, url) => {
  const sent = []
  let go
  let gate = new Promise((ok) => { go = ok })
  await page.route('**/api/v1/prices/import**', async (route) => {
    const to = new URL(route.request().url())
    sent.push([to.search, /品名,单价\n(\S+),/.exec(route.request().postData())?.[1]])
    await gate
    if (to.search) return route.fulfill({ status: 201, json: { accepted: 1, left_out: 0, first_no: 'JG330127-202611-0009', last_no: 'JG330127-202611-0009', first_id: 1, last_id: 1, errors: [], read: { sheet: null, heading_row: 1, columns_not_read: null, sheets_not_read: null, rows_left_out: [] } } })
    return route.fulfill({ status: 409, json: { error: { kind: 'conflict', rule: 'repeated', field: '', text: 'recorded', params: { rows: [{ row: 2, product: 1, id: 7, no: 'JG330127-202611-0007', price_fen: 100, same_price: true, actor: 'officer', at_ms: 1795900000000 }], repeated: 1, fresh: 0, seen: 'cd34', sheet: null } } } })
  })
  await page.goto(`${url}/sheet`)
  const input = page.locator('input[type=file]')
  await input.setInputFiles(sheet('A.csv'))
  await page.click('button.main')
  await page.waitForSelector('.sending')
  await comes(async () => assert.ok(await input.isDisabled()))
  await page.evaluate(() => {                                       // a choice that was open already
    const files = new DataTransfer()
    files.items.add(new File(['品名,单价\nB.csv,1\n'], 'B.csv', { type: 'text/csv' }))
    const at = document.querySelector('input[type=file]')
    at.files = files.files
    at.dispatchEvent(new Event('change', { bubbles: true }))
  })
  go()
  await page.waitForSelector('.sheet-errors')
  await reads(page, 'label.file', /A\.csv/)
  await comes(async () => assert.ok(await input.isEnabled()))
  gate = new Promise((ok) => { go = ok })
  await page.click('.sheet-errors button:has-text("全部再存一遍")')
  await until('it is sent', () => sent.length === 2)
  await comes(async () => assert.ok(await input.isDisabled()))
  go()
  await page.waitForSelector('.result')
  assert.deepEqual(sent, [['', 'A.csv'], ['?again=all&meant=cd34', 'A.csv']])
  await page.click('.result button')
  await input.setInputFiles(sheet('A.csv'))
  await page.click('button.main')
  await page.waitForSelector('.sheet-errors')
  await input.setInputFiles(sheet('B.csv'))                         // another choice: the question was about the one before
  await page.waitForSelector('.sheet-errors', { state: 'detached' })
})

await story('a_mended_record_that_waits_here_stays_when_what_was_typed_since_is_saved', 'node', async (page, _stand, url, { context }) => {
  await priceForm(page, url, '123')
  await context.setOffline(true)
  await page.click('button[type=submit]')
  await heading(page, '已存本机')
  await page.route('**/api/v1/prices', (route) => (route.request().method() === 'POST'
    ? route.fulfill({ status: 422, json: { error: { kind: 'input', rule: 'too_old', field: 'date', text: 'too old', params: {} } } }) : route.continue()))
  await context.setOffline(false)
  await says(page, '本行没有收下这条')
  await page.unroute('**/api/v1/prices')
  await page.click('.acts .main')
  await page.waitForSelector('#price_fen')
  const cut = await silent(page, 'prices')
  await page.fill('#price_fen', '110')
  await page.click('button[type=submit]')
  await page.fill('#price_fen', '112')
  await context.setOffline(true)
  await cut()
  await says(page, '那以后改的还在下面，没有存')
  await page.click('button[type=submit]')
  await until('both wait', async () => (await stored(page, 'outbox')).map((i) => i.body.price_fen).sort().join() === '11000,11200')
})

await end()
