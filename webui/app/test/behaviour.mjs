// behaviour.mjs - what the pages do when something happens: the node falls silent, a page is reloaded, a login ends.
// In a real browser against the stand-in; the end-to-end tests tell the same stories with the real programs.
import assert from 'node:assert/strict'
import { chosen, comes, end, filled, held, reads, story, text } from './story.mjs'
import { drafted, upgraded } from './phone.mjs'

const CRAB = '/catalogue/109'

await story('a_record_made_while_the_node_is_silent_waits_on_the_phone_and_arrives_once', 'node', async (page, stand, url) => {
  await page.goto(`${url}${CRAB}/price`)
  await page.fill('#price_fen', '118')
  await page.check('input[value=settled]')
  const before = stand.state.prices.length
  stand.state.silentUntil = Infinity
  await page.click('button[type=submit]')
  await page.waitForSelector('.stations')
  await reads(page, 'h1', '已存本机')
  assert.ok(!/已提交|上传成功/.test(await text(page, 'main')))
  stand.state.silentUntil = 0
  await page.reload()                                   // the phone may be put away and taken out again
  await page.waitForFunction(() => document.querySelector('h1')?.textContent === '已存本行')
  assert.equal(stand.state.prices.length, before + 1)
  // When it was kept on the phone and when it came to the branch are both said, and whose clock the first one is.
  const steps = await text(page, '.stations')
  assert.match(steps, /本机\s*\d+:\d\d:\d\d 记下\s*按手机的时钟/)
  assert.match(steps, /已存本行\s*\d+:\d\d:\d\d 收到/)
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
  await page.waitForFunction(() => document.querySelector('h1')?.textContent === '已存本行')
  assert.equal(stand.state.prices.length, before + 1)
})

await story('what_was_typed_is_there_after_a_reload', 'node', async (page, _stand, url) => {
  await page.goto(`${url}${CRAB}/price`)
  await page.fill('#price_fen', '119.50')
  await page.fill('#note', '涨价')
  await drafted(page, '涨价')
  await page.reload()
  await page.waitForSelector('#price_fen')
  await filled(page, '#price_fen', '119.50')
  await filled(page, '#note', '涨价')
  await page.click('.note .bare')
  await filled(page, '#price_fen', '')
})

await story('the_line_comes_back_and_the_page_says_so_by_itself', 'node', async (page, stand, url) => {
  await page.goto(`${url}${CRAB}/price`)
  await page.fill('#price_fen', '118')
  await page.check('input[value=settled]')
  await page.click('button[type=submit]')
  await page.waitForSelector('.stations')
  await reads(page, '.chip', /断网/)
  stand.state.link = 'up'
  await page.waitForFunction(() => document.querySelector('h1')?.textContent === '省中心已收')
  await reads(page, '.chip', /已同步/)
})

await story('a_login_that_ended_comes_back_to_where_it_was', 'node', async (page, stand, url) => {
  await page.goto(`${url}/records`)
  await page.waitForSelector('.records li')
  stand.state.account = null
  await page.locator('.tabs .pill').nth(1).click()
  await page.waitForSelector('#password')
  await reads(page, 'main', /登录已经结束：过期了，或者在别的页面退出了/)
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
  await upgraded(page, stand, url)
  await page.waitForTimeout(200)
  await page.fill('#name', 'officer')
  await page.fill('#password', 'right password')
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => document.querySelector('.services') || /elsewhere/.test(document.body.textContent))
  assert.deepEqual(elsewhere, [])
  assert.equal(page.url(), `${url}/`)
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
    await comes(async () => assert.equal(await chosen(page, id), `${name} ${code}`))
    await page.unroute('**/api/v1/divisions')
  }
  crab.origin_code = 339999                                                 // a place that is not listed is not another one
  await page.goto(`${url}${CRAB}/correct`)
  await page.waitForFunction(() => document.querySelectorAll('#origin_code option').length > 3)
  await comes(async () => assert.equal(await chosen(page, '#origin_code'), '339999 339999'))
  await page.selectOption('#origin_code', '330127')
  await reads(page, '.panel', /产地\s*339999 → 330127/)
})

await story('one_of_the_logins_is_ended_and_this_one_stays', 'node', async (page, stand, url) => {
  await page.goto(`${url}/me`)
  const ends = page.getByRole('button', { name: /^退出这一处/ })
  await ends.waitFor()
  await comes(async () => assert.equal(await ends.count(), 1))
  await ends.click()
  await page.waitForFunction(() => ![...document.querySelectorAll('button')].some((b) => /退出这一处/.test(b.textContent)))
  assert.deepEqual(stand.state.sessions.map((s) => s.own), [true])
})

await story('staff_are_not_offered_what_they_may_not_do', 'node', async (page, stand, url) => {
  stand.state.account = { name: 'staff', role: 'staff', must_change: false }
  await page.goto(`${url}/`)
  await page.waitForSelector('.services')
  assert.doesNotMatch(await text(page, '.services'), /记价格|价格表/)
  assert.doesNotMatch(await text(page, 'main'), /没有要核实的产品/)
})

await story('who_may_not_act_is_told_who_does', 'node', async (page, stand, url) => {
  stand.state.account = { name: 'staff', role: 'staff', must_change: false }
  stand.state.showRefused = true
  stand.state.link = 'up'
  await page.goto(`${url}/`)
  await page.waitForFunction(() => /由后勤专员处理/.test(document.querySelector('main')?.textContent ?? ''))
  await page.goto(`${url}/sync`)
  await page.waitForSelector('.refusal')
  await reads(page, '.refusal', /后勤专员更正或作废/)
  assert.equal(await page.locator('.refusal .acts').count(), 0)
})

await story('english_changes_every_word_and_keeps_what_was_typed', 'node', async (page, _stand, url) => {
  await page.goto(`${url}/me`)
  await page.check('input[value=en]')
  await page.waitForFunction(() => document.documentElement.lang === 'en')
  await reads(page, 'h1', 'Me')
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

await story('what_waits_to_be_reported_is_not_none_while_nothing_answers', 'node', async (page, stand, url) => {
  await page.goto(`${url}/me`)
  await page.waitForSelector('h1')
  stand.state.silentUntil = Date.now() + 60_000
  await page.click('a[href="/sync"]')
  await page.waitForFunction(() => /连上本行后才知道/.test(document.querySelector('.stick-task')?.textContent ?? ''))
})

await story('trouble_is_said_in_the_readers_words', 'node', async (page, stand, url) => {
  await page.route('**/api/v1/status', async (route) => { const r = await route.fetch(); const j = await r.json(); j.trouble = { rule: 'disk_full', text: 'disk full' }; await route.fulfill({ json: j }) })
  await page.goto(`${url}/`)
  await page.waitForSelector('.stale b')
  await reads(page, '.stale b', /磁盘满了/)
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
  await reads(page, '.empty h1', /角色/)
})

await story('who_is_let_in_is_in_whatever_answers_after_that', 'node', async (page, stand, url) => {
  stand.state.account = null
  await page.goto(`${url}/login`)
  await page.waitForSelector('#password')
  await page.route('**/api/v1/session', (route) => route.abort())
  await page.fill('#name', 'staff')
  await page.fill('#password', 'first')
  await page.click('button[type=submit]')
  await page.waitForSelector('#old')
  await page.fill('#old', 'first')
  await page.fill('#new', 'three rivers meet')
  await page.fill('#repeat', 'three rivers meet')
  await page.click('button[type=submit]')
  await page.waitForSelector('.product')
})

await story('login_says_what_is_not_filled_in_and_what_is_wrong', 'node', async (page, stand, url) => {
  stand.state.account = null
  await page.goto(`${url}/login`)
  await page.click('button.main')
  await page.waitForSelector('.errors')
  await reads(page, '.errors', /还没有填/)
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
