// propose.mjs - what a branch proposes: its form chooses nothing for the person, reads what is typed, knows what there is already.
// In a real browser against the stand-in, like behaviour.mjs.
import assert from 'node:assert/strict'
import { comes, end, filled, held, reads, story, text } from './story.mjs'

await story('nothing_of_a_proposed_product_or_supplier_is_chosen_for_the_person', 'node', async (page, stand, url) => {
  const before = stand.state.proposals.length
  for (const [path, id, words] of [['product', 'origin_code', ['产地', '单位', '品类', '储存方式', '上市']], ['supplier', 'division', ['所在地']]]) {
    await page.goto(`${url}/propose/${path}`)
    await page.waitForFunction((at) => document.querySelectorAll(`#${at} option`).length > 3, id)
    await filled(page, `#${id}`, '')
    assert.equal(await page.locator('#seasons :checked[type=checkbox], #seasons .window').count(), 0)
    await page.click('.acts .main')
    await page.waitForSelector('.errors')
    const said = await text(page, '.errors')
    for (const word of words) assert.ok(said.includes(word), `${word} in ${said}`)
  }
  assert.equal(stand.state.proposals.length, before)
})

await story('a_product_of_the_same_name_is_said_before_it_is_proposed_again', 'node', async (page, stand, url) => {
  const before = stand.state.proposals.length
  await page.goto(`${url}/propose/product`)
  await page.fill('#name_zh', ' 舟山三疣梭子蟹')
  for (const [id, to] of [['group', 'aquatic'], ['origin_code', '330127'], ['unit', 'kg'], ['storage', 'live']]) await page.selectOption(`#${id}`, to)
  await page.check('#seasons input[type=checkbox]')
  await page.fill('#reason', '库里没有的规格')
  await page.click('button[type=submit]')
  await page.waitForSelector('.errors')
  await reads(page, '.errors', /名称：信息库里已有同名的产品/)
  await comes(async () => assert.equal(await page.getAttribute('form .note a', 'href'), '/catalogue/109'))
  assert.equal(stand.state.proposals.length, before)
  await page.click('form .note button')                                     // knowingly
  await page.click('button[type=submit]')
  await page.waitForURL('**/records/proposals?new=1')
  assert.equal(stand.state.proposals.length, before + 1)
})

await story('a_save_pressed_from_the_name_field_asks_whether_that_product_is_meant', 'node', async (page, stand, url) => {
  const before = stand.state.proposals.length
  await page.goto(`${url}/propose/product`)
  await page.waitForFunction(() => document.querySelectorAll('#origin_code option').length > 3)
  for (const [id, to] of [['group', 'aquatic'], ['origin_code', '330127'], ['unit', 'kg'], ['storage', 'live']]) await page.selectOption(`#${id}`, to)
  await page.check('#seasons input[type=checkbox]')
  await page.fill('#reason', '库里没有的规格')
  await page.fill('#name_zh', '舟山三疣梭子蟹')
  const go = await held(page, 'catalogue?q=**')
  await page.press('#name_zh', 'Enter')                                     // leaves the field and saves: both ask
  await page.click('button[type=submit]')
  await new Promise((ok) => setTimeout(ok, 300))
  go()
  await page.waitForSelector('.errors')
  await reads(page, '.errors', /名称：信息库里已有同名的产品/)
  assert.equal(stand.state.proposals.length, before)
})

await story('a_supplier_is_corrected_against_the_revision_that_was_seen', 'node', async (page, stand, url) => {
  let sent = null
  page.on('request', (r) => { if (r.method() === 'POST' && r.url().endsWith('/proposals')) sent = r.postDataJSON() })
  await page.goto(`${url}/suppliers/1/correct?from=1`)
  await page.waitForSelector('#uscc')
  await page.fill('#contact_phone', '0571-88880000')
  await page.fill('#reason', '电话换了')
  await page.click('button[type=submit]')
  await page.waitForURL('**/records/proposals?new=1')
  assert.deepEqual(sent, { kind: 'correction', patch: { contact_phone: '0571-88880000' }, reason: '电话换了', target_kind: 'supplier', target: 1, base_rev: sent.base_rev })
  assert.ok(sent.base_rev > 0)
})

await story('a_credit_code_is_read_as_people_type_it', 'node', async (page, _stand, url) => {
  let sent = null
  page.on('request', (r) => { if (r.method() === 'POST' && r.url().endsWith('/proposals')) sent = r.postDataJSON() })
  await page.goto(`${url}/propose/supplier`)
  await page.fill('#name', '供应商丁')
  await page.fill('#uscc', ' ９１３３０１２７ｍａ２７ｙ８ｋ４０ 1 ')
  await page.fill('#reason', '新签的')
  await page.selectOption('#division', '330127')
  await page.click('button[type=submit]')
  await page.waitForURL('**/records/proposals?new=1')
  assert.equal(sent.patch.uscc, '91330127MA27Y8K401')
})

await end()
