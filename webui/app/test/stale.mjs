// stale.mjs - what the province or a colleague was faster with is read again where the press was, and what was typed stays.
// In a real browser against the stand-in, like behaviour.mjs.
import assert from 'node:assert/strict'
import { comes, end, filled, reads, story, text } from './story.mjs'

const faster = (stand, fields) => { const p = stand.state.products.find((x) => x.id === 109); Object.assign(p, fields, { rev: p.rev + 1 }) }

await story('a_correction_the_province_was_faster_than_is_laid_over_what_stands_now', 'node', async (page, stand, url) => {
  await page.goto(`${url}/catalogue/109/correct`)
  await page.fill('#storage_note_zh', '三批都要预冷')
  await page.fill('#reason', '到货三批都这样')
  faster(stand, { storage: 'frozen' })
  await page.click('button[type=submit]')
  await page.waitForSelector('.theirs')
  await reads(page, '.theirs', /别人刚改过[\s\S]*储存方式：\S+ → 冷冻/)
  await comes(async () => assert.equal(await page.locator('.errors').count(), 0))
  await reads(page, '.page-head', /第 8 版/)
  await comes(async () => assert.deepEqual([await page.inputValue('#storage'), await page.inputValue('#storage_note_zh'), await page.inputValue('#reason')], ['frozen', '三批都要预冷', '到货三批都这样']))
  await page.click('button[type=submit]')
  await page.waitForURL('**/records/proposals?new=1')
  assert.deepEqual([stand.state.proposals[0].base_rev, stand.state.proposals[0].patch], [8, { storage_note_zh: '三批都要预冷' }])
})

await story('a_delisting_the_province_was_faster_than_says_what_changed_and_goes_with_the_next_press', 'node', async (page, stand, url) => {
  await page.goto(`${url}/catalogue/109/delist`)
  await page.fill('#reason', '这里不产了')
  faster(stand, { unit: 'box' })
  await page.click('button[type=submit]')
  await page.waitForSelector('.theirs')
  await reads(page, '.theirs', /计价单位：公斤 → 盒/)
  await page.click('button[type=submit]')
  await page.waitForURL('**/records/proposals?new=1')
  assert.equal(stand.state.proposals[0].base_rev, 8)
})

await story('who_takes_back_what_was_decided_meanwhile_sees_the_decision', 'node', async (page, stand, url) => {
  const p = stand.state.proposals.find((x) => x.state === 'asked')
  await page.goto(`${url}/proposals/${p.id}`)
  await page.click('button:has-text("撤回")')
  await page.fill('#withdraw-reason', '报错了产品')
  Object.assign(p, { state: 'decided', question: null, decision: { verdict: 'rejected', fields: {}, reason: '没有依据', at_ms: Date.now(), actor: 'curator' } })
  await page.click('dialog .danger')
  await page.waitForSelector('.result')
  await reads(page, 'dialog', /已经决定过了/)
  await page.click('dialog .bare')
  await reads(page, '.result', /没有依据/)
  await comes(async () => assert.equal(await page.locator('button:has-text("撤回")').count(), 0))
})

await story('a_record_that_was_corrected_meanwhile_names_the_one_that_stands', 'node', async (page, stand, url) => {
  const price = stand.state.prices[0]
  await page.goto(`${url}/catalogue/${price.product}/price?replaces=${price.id}`)
  await page.fill('#price_fen', '119')
  assert.equal(await page.locator('.superseded').count(), 0)
  Object.assign(price, { replaced_by: stand.state.prices[1].id, replaced_by_no: 'JG330127-202611-0099' })
  await page.click('button[type=submit]')
  await page.waitForSelector('.superseded')
  await reads(page, '.superseded', /已由另一条替代[\s\S]*JG330127-202611-0099/)
  await comes(async () => assert.equal(await page.getAttribute('.superseded a', 'href'), `/records/prices/${stand.state.prices[1].id}`))
  await filled(page, '#price_fen', '119')

  const rating = stand.state.evaluations[0]
  await page.goto(`${url}/catalogue/${rating.product}/rate?replaces=${rating.id}`)
  await page.fill('#remark', '送错了一箱')
  rating.void = { reason: '重了', actor: 'officer', at_ms: Date.now() }
  await page.click('button[type=submit]')
  await page.waitForSelector('.superseded')
  await reads(page, '.superseded', /已作废/)
})

await story('a_proposal_that_a_colleague_decided_meanwhile_shows_that_decision', 'hub', async (page, stand, url) => {
  await page.goto(`${url}/review/330127/9`)
  await page.fill('#reason', '没有依据')
  await page.click('.decide .main')
  stand.state.decided.set('9', { verdict: 'rejected', fields: { storage: 'rejected', storage_note_zh: 'rejected', seasons: 'rejected' }, reason: '重复了', at_ms: Date.now(), actor: 'chen' })
  await page.click('dialog .main')
  await page.waitForSelector('.decide', { state: 'detached' })
  const said = await text(page, 'main')
  for (const part of ['已经决定过了', 'chen', '重复了']) assert.ok(said.includes(part), `${part} in ${said}`)
})

await end()
