// reloaded.mjs - a page that is loaded anew while something is on its way, by its reader, by the phone or for newer pages: what was
// pressed is known afterwards, and what is on the page alone is not lost to an update.
import assert from 'node:assert/strict'
import { comes, end, filled, held, reads, story, text } from './story.mjs'
import { fen, heading, held as controlled, looks, priceForm, says, stored, until, upgraded } from './phone.mjs'

const pressedOf = async (page) => (await stored(page, 'drafts'))[0]?.pressed?.map((p) => p.price_fen)
/** Recorded, and the page is gone before the answer comes. */
async function recordedUnheard(page, stand, url, price) {
  await priceForm(page, url, price)
  let arrived = false
  await page.route('**/api/v1/prices', async (r) => {
    if (r.request().method() !== 'POST' || arrived) return r.continue()
    await r.fetch()
    arrived = true
  })
  await page.click('button[type=submit]')
  await until('it is recorded', () => arrived)
  await page.reload()
  await page.waitForSelector('#price_fen')
  await filled(page, '#price_fen', price)
  await says(page, '没有等到回答，存没存还不知道')
}
const go = (page, path) => page.evaluate((h) => document.querySelector(`a[href="${h}"]`).click(), path)
const ready = controlled                                                         // what looks for newer pages is there, and the worker looks no more
/** The page is the one it was, not another of the same address. */
const mark = (page) => page.evaluate(() => { globalThis.same = true })
const marked = (page) => page.evaluate(() => globalThis.same === true)

await story('of_a_press_without_an_answer_no_later_one_says_that_it_was_not_taken', 'node', async (page, stand, url) => {
  await recordedUnheard(page, stand, url, '110')
  await page.unroute('**/api/v1/prices')
  let letGo
  const gate = new Promise((ok) => { letGo = ok })
  await page.route('**/api/v1/prices', async (r) => {
    if (r.request().method() !== 'POST') return r.continue()
    await gate
    return r.fulfill({ status: 429, json: { error: { kind: 'limit', rule: 'rate', field: '', text: 'too fast' } } })
  })
  await page.click('button[type=submit]')
  await go(page, '/records')                                                     // and its page is left
  await page.waitForURL('**/records')
  letGo()
  await until('it waits here', async () => (await stored(page, 'outbox')).length === 1)
  const [item] = await stored(page, 'outbox')
  await page.goto(`${url}/records/phone/${item.key}`)
  await says(page, '到没到本行，还不知道')
  assert.doesNotMatch(await text(page, 'main'), /还没有收|本行未收/)
})

await story('what_another_tab_types_into_the_same_form_takes_no_press_away', 'node', async (page, stand, url, { tab }) => {
  const form = `${url}/catalogue/109/price`
  const beside = await tab()
  await beside.goto(form)
  await beside.waitForSelector('#price_fen')
  await priceForm(page, url, '110')
  let arrived = false
  await page.route('**/api/v1/prices', async (r) => {
    if (r.request().method() !== 'POST' || arrived) return r.continue()
    await r.fetch()
    arrived = true                                                               // recorded, and the answer hangs
  })
  await page.click('button[type=submit]')
  await until('it is recorded', () => arrived)
  const before = stand.state.prices.length
  await beside.fill('#price_fen', '33')
  await until('both are kept', async () => (await stored(page, 'drafts')).length === 2)
  await page.reload()
  await says(page, '没有等到回答，存没存还不知道')
  assert.equal(await page.inputValue('#price_fen'), '110')
  await page.click('button[type=submit]')
  await page.waitForSelector('.stations')
  assert.equal(stand.state.prices.length, before)
  await page.goto(form)                                                          // and what was typed beside it is the form's now
  await until('it is there', async () => await page.inputValue('#price_fen') === '33')
  assert.equal((await stored(page, 'drafts')).length, 1)
})

await story('a_press_that_never_arrived_is_what_the_form_goes_on_with_and_not_what_was_typed_since', 'node', async (page, stand, url) => {
  await priceForm(page, url, '110')
  let letGo
  const gate = new Promise((ok) => { letGo = ok })
  await page.route('**/api/v1/prices', async (r) => { if (r.request().method() === 'POST') { await gate; await r.abort() } else await r.continue() })
  await page.click('button[type=submit]')
  await until('the press is kept', async () => (await pressedOf(page))?.[0] === '110')
  await page.fill('#price_fen', '112')                                         // the next one, typed while that is on its way
  await until('both are kept', async () => (await stored(page, 'drafts'))[0]?.fields.price_fen === '112')
  const recorded = () => stand.state.prices.filter((p) => p.price_fen === 11000).length
  const before = recorded()
  await page.reload()
  letGo()
  await page.unrouteAll({ behavior: 'ignoreErrors' })
  await says(page, '没有等到回答，存没存还不知道')
  assert.equal(await page.inputValue('#price_fen'), '110')
  await page.click('button[type=submit]')
  await page.waitForSelector('.stations')
  assert.equal(recorded(), before + 1)
  await page.goto(`${url}/catalogue/109/price`)
  await until('what was typed since is there', async () => await page.inputValue('#price_fen') === '112')
})

await story('a_press_whose_page_was_loaded_anew_is_known_when_the_form_goes_on', 'node', async (page, stand, url) => {
  await recordedUnheard(page, stand, url, '110')
  const before = stand.state.prices.length
  await page.click('button[type=submit]')                                        // as it stands: the same record
  await page.waitForSelector('.stations')
  assert.equal(stand.state.prices.length, before)
  assert.deepEqual(await stored(page, 'drafts'), [])
})

await story('what_was_changed_after_a_press_whose_page_was_loaded_anew_is_said_not_to_be_saved', 'node', async (page, stand, url) => {
  await recordedUnheard(page, stand, url, '110')
  await page.fill('#price_fen', '112')
  await page.click('button[type=submit]')
  await page.waitForSelector('.errors')
  await reads(page, '.errors', /上一次按下的已经办成了[^]*办的是当时填的（[^）]*110/)
  assert.equal(fen(stand)[0], 11000)
  assert.ok(!fen(stand).includes(11200))
  await until('no press is without an answer any more', async () => {
    const kept = await stored(page, 'drafts')
    return kept.length === 1 && !kept[0].pressed && kept[0].fields.price_fen === '112'
  })
})

await story('what_waited_behind_such_a_press_says_what_was_done_and_opens_with_it', 'node', async (page, stand, url, { context }) => {
  await recordedUnheard(page, stand, url, '110')
  await page.fill('#price_fen', '112')
  await context.setOffline(true)
  await page.click('button[type=submit]')
  await heading(page, '已存本机')
  await context.setOffline(false)
  await says(page, '前一次按下的已经办成了')
  assert.doesNotMatch(await text(page, 'main'), /Idempotency/)
  for (let i = 0; i < 2; i++) {                                                  // also when it is opened again
    await page.click('.acts .main')
    await page.waitForSelector('.errors')
    await reads(page, '.errors', /办的是当时填的（[^）]*110/)
    if (!i) await page.goBack()
  }
  await page.click('button[type=submit]')                                        // both are meant
  await page.waitForSelector('.stations')
  assert.deepEqual(fen(stand).slice(0, 2), [11200, 11000])
  assert.deepEqual([await stored(page, 'outbox'), await stored(page, 'drafts')], [[], []])
})

await story('a_press_without_an_answer_is_told_wherever_what_waits_is_told', 'node', async (page, stand, url) => {
  await priceForm(page, url, '110')
  await page.route('**/api/v1/prices', (r) => (r.request().method() === 'POST' ? undefined : r.continue()))       // nothing answers
  await page.click('button[type=submit]')
  await until('it is remembered', async () => (await pressedOf(page))?.join() === '110')
  await go(page, '/sync')
  await says(page, '最近联系')
  assert.doesNotMatch(await text(page, 'main'), /没有等到回答/)                    // it is on its way
  await page.goto(`${url}/`)                                                     // and its page is gone
  await reads(page, 'main', /梭子蟹[^]*没有等到回答，存没存还不知道/)
  assert.doesNotMatch(await text(page, 'main'), /没有等我办的/)
  assert.doesNotMatch(await text(page, 'header'), /已同步/)
  await page.goto(`${url}/sync`)
  await reads(page, 'main', /待存 1 条[^]*梭子蟹[^]*没有等到回答，存没存还不知道/)
  await page.click('main a:has-text("没有等到回答")')
  await page.waitForSelector('#price_fen')
  await filled(page, '#price_fen', '110')
  await page.unroute('**/api/v1/prices')
  await page.click('button[type=submit]')
  await page.waitForSelector('.stations')
  assert.equal(fen(stand)[0], 11000)
  await page.goto(`${url}/sync`)
  await says(page, '待存 0 条')
  assert.doesNotMatch(await text(page, 'main'), /没有等到回答/)
})

await story('a_press_is_remembered_before_it_goes_and_forgotten_when_it_is_refused', 'node', async (page, _stand, url) => {
  await priceForm(page, url, '110')
  let letGo
  const gate = new Promise((ok) => { letGo = ok })
  await page.route('**/api/v1/prices', async (r) => { await gate; await r.fulfill({ status: 422, json: { error: { kind: 'input', rule: 'too_old', field: 'date', text: 'too old' } } }) })
  await page.click('button[type=submit]')
  await until('it is remembered', async () => (await pressedOf(page))?.join() === '110')
  letGo()
  await page.waitForSelector('.errors')
  await until('it is forgotten', async () => (await stored(page, 'drafts')).length === 1 && !(await pressedOf(page)))
})

await story('newer_pages_wait_for_a_press_that_is_on_its_way', 'node', async (page, stand, url) => {
  await priceForm(page, url, '110')
  await ready(page)
  await upgraded(page, stand, url)
  await says(page, '程序有了新版本')
  await mark(page)
  let cut
  const gate = new Promise((ok) => { cut = ok })
  await page.route('**/api/v1/prices', async (r) => { if (r.request().method() !== 'POST') return r.continue(); await gate; return r.abort() })
  await page.click('button[type=submit]')
  await go(page, '/records')
  await page.waitForURL('**/records')
  await page.waitForTimeout(300)
  assert.ok(await marked(page))
  cut()
  await until('it waits on the phone', async () => (await stored(page, 'outbox')).length === 1)
  await page.unroute('**/api/v1/prices')
  let turn = 0                                                                   // a link to where one is leads nowhere
  await until('then they come', async () => { await go(page, turn++ % 2 ? '/records' : '/').catch(() => undefined); return !(await marked(page).catch(() => true)) })
  await until('it arrives', () => fen(stand)[0] === 11000)
})

await story('newer_pages_wait_for_a_sheet_and_for_what_another_site_says', 'node', async (page, stand, url) => {
  await page.goto(`${url}/sheet`)
  await ready(page)
  await upgraded(page, stand, url)
  await says(page, '程序有了新版本')
  await mark(page)
  const letGo = await held(page, 'prices/import**')
  await page.setInputFiles('input[type=file]', { name: 'A.csv', mimeType: 'text/csv', buffer: Buffer.from('品名,单价\n冬笋,1\n') })
  await page.click('button.main')
  await page.waitForSelector('.sending')
  await go(page, '/records')
  await page.waitForURL('**/records')
  assert.ok(await marked(page))
  Object.assign(stand.site, { id: '330902-00c0ffee', code: 330902 })             // another answers at this address
  const refused = page.waitForResponse((r) => r.status() === 409)
  await go(page, '/')
  await refused
  await page.waitForTimeout(400)
  assert.ok(await marked(page))
  letGo()
  await until('then it is loaded anew', async () => !(await marked(page).catch(() => true)) || (await page.locator('.note.left button').first().click({ timeout: 300 }).catch(() => undefined), false))
})

await story('what_is_shown_once_outlives_its_login_and_newer_pages_and_is_shown_to_no_other_account', 'hub', async (page, stand, url) => {
  stand.state.account = { name: 'admin', role: 'admin', must_change: false }
  stand.state.accounts = [...['admin', 'second'].map((name) => ({ name, role: 'admin' })), { name: 'sun', role: 'curator' }].map((a) => ({ ...a, disabled: false, must_change: false, last_login_ms: null, password_ms: 1 }))
  await page.goto(`${url}/accounts`)
  await ready(page)
  await page.click('.people li button >> nth=0')                                 // one's own is changed, not reset
  await comes(async () => assert.equal(await page.getAttribute('dialog .menu-list a', 'href'), '/password'))
  assert.equal(await page.locator('dialog .menu-list button:has-text("重设密码")').count(), 0)
  await page.click('dialog .menu-list button:has-text("关闭")')
  await page.click('.people li button >> nth=2')
  await page.click('dialog .menu-list button >> nth=0')
  await page.click('dialog .danger')
  await page.waitForSelector('.once')
  await mark(page)
  await upgraded(page, stand, url)
  await go(page, '/me')
  await page.waitForURL('**/me')
  assert.ok(await marked(page))
  assert.equal(await page.locator('text=程序有了新版本').count(), 0)               // no button takes away what nobody has read
  stand.state.account = null                                                     // the login ends by itself
  await go(page, '/accounts')
  await page.waitForSelector('#password')
  const login = async (name) => {
    await page.fill('#name', name)
    await page.fill('#password', 'right')
    await page.click('button[type=submit]')
    await page.waitForSelector('nav.menu')
    await go(page, '/me')
    await page.waitForURL('**/me')
    await go(page, '/accounts')
    await page.waitForSelector('.people li')
  }
  await login('second')
  assert.equal(await page.locator('.once').count(), 0)
  await go(page, '/me')
  await page.waitForURL('**/me')
  await page.click('main button:has-text("退出登录")')
  await page.waitForSelector('#password')
  await login('admin')
  await reads(page, '.once', /sun[^]*reed-boat/)
  await page.click('.once button:not(.main)')
  await go(page, '/me')
  await until('newer pages come', async () => !(await marked(page).catch(() => true)))
})

for (const [lang, waits, asked] of [['zh', '要打开的那一页在新版本的程序里', '还没有取过'], ['en', 'is part of a newer version', 'never fetched']]) {
  await story(`a_link_whose_code_is_gone_waits_for_what_is_shown_once_and_says_so_in_${lang}`, 'hub', async (page, stand, url, { context }) => {
    await context.addInitScript((chosen) => {
      localStorage.setItem('sunlit.settings', JSON.stringify({ lang: chosen }))
      Object.defineProperty(navigator, 'connection', { value: { saveData: true } })   // nothing is fetched ahead,
    }, lang)
    await page.route('**/sw.js', (route) => route.abort())                            // and nothing is kept
    stand.state.account = { name: 'admin', role: 'admin', must_change: false }
    await page.goto(`${url}/accounts`)
    await page.click('.people li button >> nth=1')
    await page.click('dialog .menu-list button >> nth=0')
    await page.click('dialog .danger')
    await page.waitForSelector('.once')
    await looks(page, url)
    await mark(page)
    stand.upgrade()
    await go(page, '/catalogue')
    await says(page, waits)
    assert.ok(!(await page.textContent('body')).includes(asked))
    assert.match(page.url(), /\/accounts$/)
    assert.ok(await page.locator('.once').isVisible() && await marked(page))
    await page.click('.once button:not(.main)')
    await page.waitForURL('**/catalogue')                                             // by itself
    await until('it is loaded anew', async () => !(await marked(page).catch(() => true)))
  })
}

await end()
