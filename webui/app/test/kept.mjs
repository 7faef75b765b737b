// kept.mjs - what waits on this phone: what is said of it, and what a person can do with it.
import assert from 'node:assert/strict'
import { comes, end, filled, reads, story, text } from './story.mjs'
import { heading, held, priceForm, says, stored, until } from './phone.mjs'

const refusesAs = (context, status, error) => context.route('**/api/v1/prices', (route) => (route.request().method() === 'POST'
  ? route.fulfill({ status, contentType: 'application/json', body: JSON.stringify({ error }) }) : route.continue()))

async function keptPrice(page, url, context, price) {
  await priceForm(page, url, price)
  await context.setOffline(true)
  await page.click('button[type=submit]')
  await heading(page, '已存本机')
}

await story('what_the_node_answered_is_said_with_its_time_and_no_answer_only_of_none', 'node', async (page, stand, url, { context }) => {
  await keptPrice(page, url, context, '123')
  await says(page, '没有应答')
  await refusesAs(context, 429, { kind: 'limit', rule: 'rate', field: '', text: 'too fast' })
  await context.setOffline(false)
  await says(page, '太快了，过几秒再试')
  await reads(page, '.result', /本行节点 .*\d:\d\d 应答了/)
  assert.ok(!(await text(page, '.result')).includes('没有应答'))
  await page.goto(`${url}/sync`)                                    // and a page that opens later knows it
  await says(page, '太快了，过几秒再试')
  await context.unroute('**/api/v1/prices')
  await refusesAs(context, 503, { kind: 'busy', rule: 'busy', field: '', text: 'busy' })
  await page.goto(`${url}/records`)
  await says(page, '正忙，过几秒再试')
  await page.click('.rows a[href*="/records/phone/"]')
  await heading(page, '已存本机')
  await context.setOffline(true)
  await says(page, '没有应答')
  assert.ok(!(await text(page, '.result')).includes('正忙'))
  await context.unroute('**/api/v1/prices')
  await context.setOffline(false)
  await page.waitForURL(/records\/prices/)
})

await story('what_is_refused_before_the_node_looks_whether_it_is_there_waits_as_not_known', 'node', async (page, stand, url, { context }) => {
  await keptPrice(page, url, context, '123')
  for (const [status, error] of [[429, { kind: 'limit', rule: 'rate', field: '', text: 'too fast' }], [503, { kind: 'busy', rule: 'busy', field: '', text: 'busy' }]]) {
    await refusesAs(context, status, error)
    await context.setOffline(false)
    await page.reload()
    await says(page, '到没到本行，还不知道')
    const said = await text(page, 'main')
    assert.match(said, /本行收没收，还不知道/)
    assert.match(said, /以后自动再送，不会记成两条/)
    assert.doesNotMatch(said, /还没有收|本行未收/)
    await context.setOffline(true)
    await context.unroute('**/api/v1/prices')
  }
})

await story('one_that_the_node_cannot_take_now_for_a_reason_of_its_own_holds_up_no_other', 'node', async (page, stand, url, { context }) => {
  await keptPrice(page, url, context, '123')
  await context.route('**/api/v1/prices', (route) => (route.request().postDataJSON()?.price_fen === 12300
    ? route.fulfill({ status: 500, contentType: 'application/json', body: JSON.stringify({ error: { kind: 'io', rule: 'internal', field: '', text: 'a fault' } }) }) : route.continue()))
  await context.setOffline(false)
  await keptPrice(page, url, context, '124')
  await context.setOffline(false)
  await until('the second arrives', () => stand.state.prices.some((p) => p.price_fen === 12400))
  const left = (await stored(page, 'outbox')).find((i) => i.body.price_fen === 12300)
  assert.equal(left.told.faults[0].rule, 'internal')
})

await story('what_waits_here_alone_is_shown_before_it_is_deleted_and_keeping_it_comes_first', 'node', async (page, stand, url, { context }) => {
  await keptPrice(page, url, context, '123')
  await refusesAs(context, 422, { kind: 'input', rule: 'too_old', field: 'date', text: 'too old' })
  await context.setOffline(false)
  await says(page, '本行没有收下这条')
  const asked = async () => {
    await page.click('button:text-is("不要了")')
    await page.waitForSelector('dialog[open]')
    const says = await text(page, 'dialog')
    for (const what of ['梭子蟹', '123.00', '本行没收下', '记下', '找不回来']) assert.ok(says.includes(what), what)
    await comes(async () => assert.equal(await page.evaluate(() => document.activeElement?.textContent), '留着'))
  }
  await asked()
  await page.keyboard.press('Enter')
  await page.waitForSelector('dialog', { state: 'detached' })
  assert.equal((await stored(page, 'outbox')).length, 1)
  await page.goto(`${url}/sync`)
  await asked()
  await page.click('dialog >> text=留着')
  assert.equal((await stored(page, 'outbox')).length, 1)
  await asked()
  await page.click('dialog >> text=删掉这一条')
  await until('it is gone', async () => (await stored(page, 'outbox')).length === 0)
})

await story('of_a_mended_record_whose_press_got_no_answer_nothing_says_that_the_branch_has_it_not', 'node', async (page, stand, url, { context }) => {
  await keptPrice(page, url, context, '123')
  await refusesAs(context, 422, { kind: 'input', rule: 'too_old', field: 'date', text: 'too old' })
  await context.setOffline(false)
  await says(page, '本行没有收下这条')
  const [{ key }] = await stored(page, 'outbox')
  await context.unroute('**/api/v1/prices')
  let recorded = 0
  await page.route('**/api/v1/prices', async (r) => {
    if (r.request().method() !== 'POST' || recorded) return r.continue()
    await r.fetch()
    recorded = stand.state.prices.length                            // and the answer hangs
  })
  await page.click('.acts .main')
  await page.fill('#price_fen', '124')
  await page.click('button[type=submit]')
  await until('it is recorded', () => recorded)
  await page.goto(`${url}/records/phone/${key}`)
  await says(page, '本行收没收，还不知道')
  assert.doesNotMatch(await text(page, 'main'), /没有收下|本行未收|本行没收下/)
  await page.click('button:text-is("不要了")')
  await reads(page, 'dialog', /本行有没有这一条，还不知道/)
  assert.doesNotMatch(await text(page, 'dialog'), /本行没有|本行没收下/)
  await page.click('dialog >> text=留着')
  await page.goto(`${url}/sync`)
  await reads(page, 'main', /待存 1 条[^]*没有等到回答/)
  assert.doesNotMatch(await text(page, 'main'), /没有到本行|没收下/)
  await page.click('main a:has-text("没有等到回答")')               // its form, as it was mended
  await page.waitForSelector('#price_fen')
  await filled(page, '#price_fen', '124')
  await page.click('button[type=submit]')
  await page.waitForSelector('.stations')
  assert.equal(stand.state.prices.length, recorded)
  await until('nothing is left', async () => (await stored(page, 'outbox')).length + (await stored(page, 'drafts')).length === 0)
})

await story('a_mended_record_that_is_dropped_takes_its_press_along', 'node', async (page, stand, url, { context }) => {
  await keptPrice(page, url, context, '123')
  await refusesAs(context, 422, { kind: 'input', rule: 'too_old', field: 'date', text: 'too old' })
  await context.setOffline(false)
  await says(page, '本行没有收下这条')
  const [{ key }] = await stored(page, 'outbox')
  await page.route('**/api/v1/prices', (r) => (r.request().method() === 'POST' ? undefined : r.continue()))
  await page.click('.acts .main')
  await page.fill('#price_fen', '124')
  await page.click('button[type=submit]')
  await until('it is remembered', async () => (await stored(page, 'drafts')).some((d) => d.pressed?.length))
  await page.goto(`${url}/records/phone/${key}`)
  await page.click('button:text-is("不要了")')
  await page.click('dialog >> text=删掉这一条')
  await until('nothing is left', async () => (await stored(page, 'outbox')).length + (await stored(page, 'drafts')).length === 0)
})

/** The first answer is lost, and the node has forgotten the key when it is asked again. */
async function loseAnswer(stand, context) {
  let lost = false
  await context.route('**/api/v1/confirmations', async (route) => {
    if (lost) return route.continue()
    lost = true
    await route.fetch()
    stand.state.answered.clear()
    return route.abort()
  })
}

await story('a_confirmation_that_was_made_already_is_done_and_no_error', 'node', async (page, stand, url, { context }) => {
  await page.goto(`${url}/catalogue/101`)
  await page.waitForSelector('.note button')
  await loseAnswer(stand, context)
  await page.click('.note button')
  await page.click('dialog .main')
  await until('it was made', () => stand.state.products.find((p) => p.id === 101).confirmed)
  await says(page, '已经核实，记录已存本行')
  assert.deepEqual((await stored(page, 'outbox')).filter((i) => !i.sent), [])
  const other = stand.state.products.find((p) => !p.confirmed)
  await page.goto(`${url}/catalogue/${other.id}`)
  await page.waitForSelector('.note button')
  other.confirmed = true                                            // by a colleague, meanwhile
  await page.click('.note button')
  await page.click('dialog .main')
  await says(page, '已经核实，记录已存本行')
})

await story('a_product_whose_confirmation_waits_on_this_phone_says_so_and_does_not_ask_again', 'node', async (page, stand, url, { context, tab }) => {
  await page.goto(`${url}/catalogue/101`)
  await page.waitForSelector('.note button')
  await held(page)
  await context.setOffline(true)
  await page.click('.note button')
  await page.click('dialog .main')
  await says(page, '你的核实已存本机')
  const again = await tab()
  await again.goto(`${url}/catalogue/101`)
  await says(again, '你的核实已存本机')
  assert.equal(await again.locator('.note button').count(), 0)
  await again.close()
  await context.setOffline(false)
  await says(page, '已经核实，记录已存本行')
  assert.ok(!(await text(page, 'main')).includes('还没到本行'))
})

const DAY_MS = 86_400_000
const dayOf = (ms) => new Date(ms + 8 * 3_600_000).toISOString().slice(0, 10)
/** The phone's clock can be set. */
const ownClock = (context) => context.addInitScript(() => {
  const Real = Date
  const off = () => Number(localStorage.getItem('test.off') ?? 0)
  globalThis.Date = class extends Real {
    constructor(...of) { if (of.length) super(...of); else super(Real.now() + off()) }
    static now() { return Real.now() + off() }
  }
})

await story('a_price_kept_by_a_phone_whose_clock_is_a_day_ahead_is_a_doubt_and_is_put_right', 'node', async (page, stand, url, { context }) => {
  await ownClock(context)
  await page.goto(`${url}/catalogue/109/price`)
  await page.waitForSelector('#price_fen')
  await held(page)
  await context.setOffline(true)
  await page.evaluate((ms) => localStorage.setItem('test.off', String(ms)), DAY_MS)
  await priceForm(page, url, '123')
  await filled(page, '#date', dayOf(Date.now() + DAY_MS))
  await page.click('button[type=submit]')
  await heading(page, '已存本机')
  await context.setOffline(false)
  await says(page, '晚于今天')
  await says(page, '这部手机的时钟比本行快约 24 小时')
  await page.click('.acts .main')
  await says(page, '日期没有错')
  await page.click('button[type=submit]')                          // and nobody passes it by
  await says(page, '日期没有错')
  await page.click(`text=改成 ${dayOf(Date.now())}`)
  await page.click('button[type=submit]')
  await page.waitForURL(/records\/prices/)
  const made = stand.state.prices.find((p) => p.price_fen === 12300)
  assert.equal(made.date, dayOf(Date.now()))
  assert.deepEqual(await stored(page, 'outbox'), [])
})

await story('what_the_branch_has_already_is_not_asked_about_whatever_the_phones_clock_said', 'node', async (page, stand, url, { context }) => {
  await ownClock(context)
  await page.goto(`${url}/catalogue`)
  await page.evaluate((ms) => localStorage.setItem('test.off', String(ms)), -2 * DAY_MS)
  await priceForm(page, url, '123')
  await page.fill('#date', dayOf(Date.now()))
  await context.route('**/api/v1/prices', async (route) => {
    if (route.request().method() !== 'POST') return route.continue()
    await route.fetch()                                             // it is recorded, and the answer is lost
    await context.setOffline(true)
    return route.abort()
  })
  const before = stand.state.prices.length
  await page.click('button[type=submit]')
  await heading(page, '已存本机')
  assert.equal(stand.state.prices.length, before + 1)
  await context.unroute('**/api/v1/prices')
  await page.evaluate(() => localStorage.removeItem('test.off'))    // the network sets the phone's clock
  await context.setOffline(false)
  await page.waitForURL(/records\/prices/)
  assert.equal(stand.state.prices.length, before + 1)
  assert.deepEqual((await stored(page, 'outbox')).filter((i) => !i.sent), [])
})

await story('a_day_that_no_clock_is_sure_of_is_filled_in_by_the_person', 'node', async (page, stand, url, { context }) => {
  await ownClock(context)
  await page.goto(`${url}/catalogue/109/price`)
  await page.waitForSelector('#price_fen')
  await held(page)
  await page.evaluate((ms) => localStorage.setItem('test.off', String(ms)), 30 * DAY_MS)
  await page.reload()                                               // the branch answers: the day is its
  await page.waitForFunction((day) => document.querySelector('#date')?.value === day, dayOf(Date.now()))
  await until('the page knows how far its clock is off', () => page.evaluate(() => Math.abs(JSON.parse(localStorage.getItem('sunlit.skew') ?? '0')) > 86_400_000))
  await context.setOffline(true)
  await page.evaluate(() => localStorage.removeItem('test.off'))    // and the network sets the phone's
  await page.reload()
  await says(page, '两处的时钟不是同一天')
  assert.equal(await page.inputValue('#date'), '')
  await page.fill('#price_fen', '123')
  await page.check('input[value=settled]')
  await page.click('button[type=submit]')
  await page.waitForSelector('.errors')
  await page.fill('#date', dayOf(Date.now() - DAY_MS))
  await page.click('button[type=submit]')
  await heading(page, '已存本机')
  await context.setOffline(false)
  await until('it arrives', () => stand.state.prices.some((p) => p.price_fen === 12300))
  assert.equal(stand.state.prices.find((p) => p.price_fen === 12300).date, dayOf(Date.now() - DAY_MS))
})

await story('a_day_that_came_while_the_price_waited_is_asked_about', 'node', async (page, stand, url, { context }) => {
  await ownClock(context)
  await page.goto(`${url}/catalogue`)
  await page.evaluate((ms) => localStorage.setItem('test.off', String(ms)), -DAY_MS)          // it was kept yesterday
  await priceForm(page, url, '123')
  await page.fill('#date', dayOf(Date.now()))
  await context.setOffline(true)
  await page.click('button[type=submit]')
  await heading(page, '已存本机')
  await page.evaluate(() => localStorage.removeItem('test.off'))
  await context.setOffline(false)
  await says(page, '晚于今天')
  assert.equal(stand.state.prices.some((p) => p.price_fen === 12300), false)
})

await story('who_says_that_the_day_is_right_is_believed_by_a_node_whose_clock_is_behind', 'node', async (page, stand, url, { context }) => {
  await context.route('**/api/v1/prices', (route) => (route.request().method() === 'POST' && !route.request().postDataJSON().confirm_date
    ? route.fulfill({ status: 400, contentType: 'application/json', body: JSON.stringify({ error: { kind: 'input', rule: 'future', field: 'date', text: 'later', params: { today: dayOf(Date.now() - DAY_MS) } } }) }) : route.continue()))
  await priceForm(page, url, '123')
  await page.click('button[type=submit]')
  await says(page, `按本行节点的时钟，记的时候是 ${dayOf(Date.now() - DAY_MS)}`)
  await page.click('text=日期没有错')
  await page.click('button[type=submit]')
  await page.waitForURL(/records\/prices/)
  assert.equal(stand.state.prices.find((p) => p.price_fen === 12300).date, dayOf(Date.now()))
})

await story('what_its_authors_role_may_not_send_waits_as_not_known_and_goes_when_the_role_is_back', 'node', async (page, stand, url, { context }) => {
  const posts = []
  page.on('request', (r) => { if (r.method() === 'POST' && r.url().endsWith('/prices')) posts.push(r) })
  await priceForm(page, url, '123')
  await context.route('**/api/v1/prices', async (route) => {
    if (route.request().method() !== 'POST') return route.continue()
    await route.fetch()                                             // it is recorded, and the answer is lost
    stand.state.account = { name: 'officer', role: 'staff', must_change: false }
    await context.setOffline(true)
    return route.abort()
  })
  await page.click('button[type=submit]')
  await heading(page, '已存本机')
  const recorded = stand.state.prices.length
  await context.unroute('**/api/v1/prices')
  await refusesAs(context, 403, { kind: 'denied', rule: 'role', field: '', text: 'the role staff may not do this' })
  await context.setOffline(false)
  await page.reload()                                               // logged in again, as what it is now
  await says(page, '到没到本行，还不知道')
  await says(page, '员工不能办这件事')
  const said = await text(page, 'main')
  assert.match(said, /员工不能办这件事/)
  assert.match(said, /本行收没收，还不知道/)
  assert.doesNotMatch(said, /没有收下|改好再存|未收\s*\d/)
  const led = () => page.locator('main a[href*="/price"]').count()
  assert.equal(await led(), 0)
  assert.equal((await stored(page, 'outbox'))[0].faults, null)
  await page.goto(`${url}/sync`)
  await page.waitForSelector('.rows .pend')
  assert.doesNotMatch(await text(page, 'main'), /没有到本行/)
  const tries = posts.length
  await page.waitForTimeout(6000)                                   // the node is asked for news meanwhile
  assert.ok(posts.length - tries <= 1, 'once a page')
  await context.unroute('**/api/v1/prices')
  stand.state.account = { name: 'officer', role: 'officer', must_change: false }
  await page.reload()
  await until('it is known to be there', async () => (await stored(page, 'outbox')).every((i) => i.sent))
  assert.equal(stand.state.prices.length, recorded)
})

/** The store opens and takes nothing more, or does not open at all, from the next page on. */
const storeIs = (page, how) => page.addInitScript((kind) => {
  if (kind === 'full') IDBObjectStore.prototype.put = function () { this.transaction.abort() }
  else IDBFactory.prototype.open = function () {
    const request = {}
    setTimeout(() => request.onerror?.(), 10)
    return request
  }
}, how)

await story('a_phone_without_room_sends_all_that_waits_on_it', 'node', async (page, stand, url, { context }) => {
  await keptPrice(page, url, context, '123')
  await context.route('**/api/v1/prices', (route) => (route.request().postDataJSON()?.price_fen === 12300
    ? route.fulfill({ status: 503, contentType: 'application/json', body: JSON.stringify({ error: { kind: 'busy', rule: 'busy', field: '', text: 'busy' } }) }) : route.continue()))
  await context.setOffline(false)
  await keptPrice(page, url, context, '124')
  await until('two wait', async () => (await stored(page, 'outbox')).filter((i) => !i.sent).length === 2)
  await storeIs(page, 'full')
  await context.unroute('**/api/v1/prices')
  await context.setOffline(false)
  await page.goto(`${url}/sync`)
  await until('both arrive', () => [12300, 12400].every((fen) => stand.state.prices.some((p) => p.price_fen === fen)))
  await says(page, '待存 0 条')
  assert.equal(stand.state.prices.filter((p) => [12300, 12400].includes(p.price_fen)).length, 2)
})

await story('what_a_phone_cannot_read_is_not_none', 'node', async (page, stand, url, { context }) => {
  await keptPrice(page, url, context, '123')
  const [{ key }] = await stored(page, 'outbox')
  await storeIs(page, 'shut')
  await refusesAs(context, 503, { kind: 'busy', rule: 'busy', field: '', text: 'busy' })
  await context.setOffline(false)
  await page.goto(`${url}/sync`)
  await says(page, '还有没有没送到本行的，不知道')
  assert.doesNotMatch(await text(page, 'main'), /待存 0 条/)
  assert.doesNotMatch(await text(page, 'header'), /已同步/)
  await page.goto(`${url}/records/phone/${key}`)
  await says(page, '还有没有没送到本行的，不知道')
  assert.doesNotMatch(await text(page, 'main'), /找不到这一条/)
})

await story('who_may_not_mend_a_record_any_more_is_not_led_to_its_form', 'node', async (page, stand, url, { context }) => {
  await keptPrice(page, url, context, '123')
  await refusesAs(context, 422, { kind: 'input', rule: 'too_old', field: 'date', text: 'too old' })
  await context.setOffline(false)
  await says(page, '改好再存')
  stand.state.account = { name: 'officer', role: 'staff', must_change: false }
  await page.reload()
  await says(page, '现在的角色不能改它')
  assert.equal(await page.locator('main a[href*="/price"]').count(), 0)
})

await end()
