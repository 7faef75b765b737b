// unheard.mjs - what has not come from the province is not shown as none, nor as done, and what names it waits.
// In a real browser against the stand-in; a part of a name as argument plays only those.
import assert from 'node:assert/strict'
import { end, reads, story, text } from './story.mjs'

const WHAT = /还没有从省中心取到信息库/
/** What the pages say of a branch that has counted nothing. */
const COUNTED = /(?<!有)没有等我办的|都核实过了|没有符合的产品|还没有记过|还没有评过|还没有提议|还没有回复|(^|\D)0 种|第 0 版|共 0|照常办理|照常使用/

function empty(S, unheard) {
  Object.assign(S, { unheard, prices: [], evaluations: [], proposals: [], refused: [], ...(unheard === 'catalogue' ? { products: [] } : {}) })
}

await story('a_branch_that_has_heard_nothing_yet_says_so_on_every_page_and_counts_nothing', 'node', async (page, stand, url) => {
  empty(stand.state, 'catalogue')
  for (const width of [412, 1280]) {
    await page.setViewportSize({ width, height: 820 })
    for (const path of ['/', '/catalogue', '/catalogue?q=xyz&season=all', '/confirm', '/price', '/price?q=xyz', '/rate', '/records', '/records?q=xyz', '/records/evaluations', '/records/proposals', '/sync', '/sheet']) {
      await page.goto(url + path)
      await page.waitForSelector('.unheard')
      await page.waitForLoadState('networkidle')
      const said = await text(page, 'main')
      assert.match(said, WHAT, path)
      assert.doesNotMatch(said, COUNTED, path)
    }
  }
  await page.goto(`${url}/`)
  await page.waitForSelector('.unheard')
  await reads(page, 'main', /还不知道有没有等我办的/)
  for (const path of ['/catalogue/109', '/catalogue/109/price', '/catalogue/109/rate']) {
    await page.goto(url + path)
    await page.waitForSelector('.empty[role=alert]')
    await reads(page, 'main', /还没有从省中心取到，有没有现在不知道/)
    assert.doesNotMatch(await text(page, 'main'), /找不到这一条/)
  }
})

await story('records_that_are_coming_back_are_not_all_and_are_not_none', 'node', async (page, stand, url) => {
  const some = stand.state.prices.slice(0, 2)
  empty(stand.state, 'history')
  for (const [rows, path] of [[[], '/records'], [[], '/records/evaluations'], [[], '/records/proposals'], [some, '/records'], [[], '/']]) {
    stand.state.prices = rows
    await page.goto(url + path)
    await page.waitForSelector('.unheard')
    await page.waitForLoadState('networkidle')
    await reads(page, 'main', /本行以前的记录还没有取全/)
    assert.doesNotMatch(await text(page, 'main'), COUNTED)
  }
  stand.state.unheard = null
  await page.waitForSelector('.unheard', { state: 'detached' })
})

await story('a_record_that_names_what_has_not_come_waits_on_the_phone_and_goes_by_itself', 'node', async (page, stand, url) => {
  await page.goto(`${url}/catalogue/109/price`)
  await page.fill('#price_fen', '117.31')
  await page.check('input[value=settled]')
  const { products } = stand.state
  empty(stand.state, 'catalogue')                                // enrolled anew while the form stood open
  await page.click('button[type=submit]')
  await page.waitForURL('**/records/phone/*')
  await page.waitForFunction(() => /本行还没有从省中心取到信息库/.test(document.querySelector('.result')?.textContent ?? ''))
  await page.waitForTimeout(6000)                                // it was sent once more, and is no fault of the record
  await reads(page, '.result h1', /已存本机/)
  assert.equal(await page.locator('.bad').count(), 0)
  Object.assign(stand.state, { unheard: null, products })
  await page.waitForURL('**/records/prices/*')
  assert.equal(stand.state.prices[0].price_fen, 11731)
})

await story('a_login_promises_nothing_that_a_full_disk_or_an_empty_catalogue_forbids', 'node', async (page, stand, url) => {
  stand.state.account = null
  const seen = async (more) => {
    await page.route('**/api/v1/status', async (r) => { const response = await r.fetch(); return r.fulfill({ response, json: { ...await response.json(), ...more } }) })
    const status = page.waitForResponse('**/api/v1/status')
    await page.goto(`${url}/login`)
    await status
    await page.evaluate(() => new Promise((ok) => setTimeout(ok, 300)))      // in the page, behind what it has to draw
    await page.unroute('**/api/v1/status')
    return /登录和记录不受影响/.test(await text(page, '.sheet-in'))
  }
  assert.deepEqual([await seen({}), await seen({ trouble: { rule: 'disk_full', text: 'full', since_ms: 1, off_ms: null } }), await seen({ unheard: 'catalogue' })], [true, false, false])
})

await end()
