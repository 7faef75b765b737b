// behaviour-lists.mjs - lists, filters, the back key and the focus in a browser.
import assert from 'node:assert/strict'
import { comes, end, reads, story, text } from './story.mjs'

await story('the_focus_goes_to_the_heading_of_a_new_page_and_the_tab_is_named_after_it', 'node', async (page, _stand, url) => {
  await page.goto(`${url}/`)
  await page.waitForSelector('.product')
  await page.locator('.product').first().focus()
  const name = await text(page, '.product b')
  await page.keyboard.press('Enter')
  await page.waitForSelector('.ring-l')
  await comes(async () => assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'H1'))
  await comes(async () => assert.ok((await page.title()).includes(name), await page.title()))
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
  await page.waitForFunction(() => document.querySelectorAll('.catalogue .product').length < 50)     // the old list is marked too
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
    await page.waitForFunction((top) => document.querySelectorAll('.catalogue .product').length === 100 && Math.abs(scrollY - top) < 3, top)
    assert.match(page.url(), /season=all&sort=name/)
  }
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
  await comes(async () => assert.match(await page.locator('.page-head a[download]').getAttribute('href'), /prices\.xlsx\?source=market&as=officer%40330127-0f3a99c1$/))
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
  await comes(async () => assert.equal(await page.locator('.records-table th:nth-child(3)').getAttribute('aria-sort'), 'descending'))
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

await story('the_province_counts_from_the_day_a_proposal_came_whatever_its_branchs_clock_says', 'hub', async (page, stand, url) => {
  const minutes = (n) => Date.now() - n * 60_000
  const row = { branch: 330127, branch_name: '淳安县', branch_name_en: "Chun'an County", kind: 'new_supplier', target: null, target_name: '供应商乙', fields: 6, stale: false, actor: 'officer', state: 'open', decision: null }
  await page.route('**/api/v1/reviews?**', (r) => r.fulfill({ json: { total: 2, items: [{ ...row, id: 11, no: 'TY-1', at_ms: minutes(190), received_ms: minutes(125) }, { ...row, id: 12, no: 'TY-2', at_ms: 0, received_ms: minutes(5) }] } }))
  await page.goto(`${url}/review`)
  await page.waitForSelector('.queue')
  await reads(page, '.sec-head', /最久 2 小时/)
  await reads(page, '.queue', /等 2 小时[^]*等 [45] 分/)
})

await story('what_stands_in_a_list_is_not_said_to_be_none_and_all_that_wait_are_counted', 'hub', async (page, stand, url) => {
  Object.assign(stand.state.products[0], { status: 'delisted', status_reason: '已停产' })
  await page.goto(`${url}/delisted`)
  await page.waitForSelector('.pend')
  assert.equal(await page.locator('.empty').count(), 0)
  stand.state.products[0].status = 'active'
  await page.reload()
  await page.waitForSelector('.empty')
  // behind the rows that were fetched
  await page.route('**/api/v1/reviews?**', async (r) => { const answer = await (await r.fetch()).json(); await r.fulfill({ json: { ...answer, total: 60, next: 'x' } }) })
  await page.goto(`${url}/review`)
  await page.waitForSelector('.queue')
  assert.match(await text(page, '.sec-head'), /待审 60/)
  await page.click('.queue a')
  await page.waitForFunction(() => /待审 60/.test(document.querySelector('.crumb')?.textContent ?? ''))
})

await end()
