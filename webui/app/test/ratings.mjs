// ratings.mjs - a rating that is corrected: what is shown is what is sent, and what nobody changed is nothing new.
// In a real browser against the stand-in; a part of a name as argument plays only those.
import assert from 'node:assert/strict'
import { chosen, comes, end, filled, reads, story } from './story.mjs'
import { stored, until } from './phone.mjs'

const gone = (stand) => Object.assign(stand.state.evaluations[0], { supplier: 77, supplier_name: '千岛湖甲合作社' })
const correction = (e) => `/catalogue/${e.product}/rate?replaces=${e.id}`
const posts = (page, path) => {
  const sent = []
  page.on('request', (r) => { if (r.method() === 'POST' && r.url().endsWith(path)) sent.push(r.postDataJSON()) })
  return sent
}

await story('a_corrected_rating_shows_the_supplier_that_it_sends_also_one_who_supplies_the_product_no_more', 'node', async (page, stand, url) => {
  const old = gone(stand)
  const sent = posts(page, '/evaluations')
  await page.goto(`${url}${correction(old)}`)
  await page.waitForSelector('form .note')
  await comes(async () => assert.match(await chosen(page, '#supplier'), /千岛湖甲合作社（已不供应这个产品） 77/))
  await page.selectOption('#supplier', '')
  await page.selectOption('#supplier', '77')                     // who tried another way gets it back
  await page.fill('#remark', '箱子湿了')
  await page.click('button[type=submit]')
  await page.waitForURL('**/records/evaluations*')
  assert.equal(sent[0].supplier, 77)
})

await story('a_rating_of_a_product_that_nobody_supplies_any_more_still_shows_its_supplier', 'node', async (page, stand, url) => {
  const old = Object.assign(gone(stand), { product: 101 })
  await page.goto(`${url}${correction(old)}`)
  await page.waitForSelector('form .note')
  await comes(async () => assert.match(await chosen(page, '#supplier'), /千岛湖甲合作社.* 77/))
})

await story('an_opened_correction_of_a_rating_leaves_no_draft_and_unchanged_it_is_not_saved', 'node', async (page, stand, url) => {
  const old = gone(stand)
  const sent = posts(page, '/evaluations')
  for (let i = 0; i < 2; i++) {
    await page.goto(`${url}${correction(old)}`)
    await page.waitForSelector('form .note')
    assert.equal(await page.locator('form .note').count(), 1)    // which one it replaces, and no draft
    await page.goto(`${url}/records`)
    await page.waitForSelector('h1')
  }
  await page.goto(`${url}${correction(old)}`)
  await page.waitForSelector('form .note')
  await page.click('button[type=submit]')
  await page.waitForFunction(() => /还没有改任何一项/.test(document.querySelector('form')?.textContent ?? ''))
  assert.deepEqual(sent, [])
  await page.fill('#remark', '另一句')
  await page.goto(`${url}${correction(old)}`)
  await page.click('text=清空重填')                              // back to what the record says
  await filled(page, '#remark', old.remark)
  await comes(async () => assert.equal(await page.locator('#quality input:checked').inputValue(), String(old.quality)))
  await comes(async () => assert.match(await chosen(page, '#supplier'), / 77$/))
})

await story('what_is_typed_over_a_kept_record_stays_when_the_node_answers_again', 'node', async (page, stand, url) => {
  const old = stand.state.prices.find((p) => p.product === 109)
  const rating = gone(stand)
  for (const [at, kept, field, typed] of [[`/catalogue/109/price?replaces=${old.id}`, `prices/${old.id}`, '#price_fen', '101.00'], [correction(rating), `evaluations/${rating.id}`, '#remark', '箱子湿了']]) {
    stand.state.silentUntil = 0
    await page.goto(`${url}${at}`)
    await page.waitForSelector('form .note')
    await until('it is kept on the device', async () => JSON.stringify(await stored(page, 'last')).includes(kept))
    stand.state.silentUntil = Date.now() + 600_000
    await page.goto(`${url}${at}`)
    await page.waitForSelector('form .note')
    await page.fill(field, typed)
    const again = page.waitForResponse((r) => r.url().includes(kept))
    stand.state.silentUntil = 0
    await again
    await page.waitForTimeout(300)
    await filled(page, field, typed)
    await reads(page, 'form button[type=submit]', '存到本行')
  }
})

await end()
