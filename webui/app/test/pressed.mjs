// pressed.mjs - what a press takes, and what is typed, or was typed, beside it: nothing of that is lost, and nothing of it is said to be saved.
import assert from 'node:assert/strict'
import { end, held, story, text } from './story.mjs'
import { fen, heading, priceForm, says, stored, until } from './phone.mjs'

/** What a form sends is not answered, while the node answers everything else; `cut` loses it. */
async function silent(page, path) {
  let cut
  const gate = new Promise((ok) => { cut = ok })
  await page.route(`**/api/v1/${path}`, async (route) => {
    if (route.request().method() !== 'POST') return route.continue()
    await gate
    return route.abort()
  })
  return async () => { cut(); await page.unroute(`**/api/v1/${path}`, { behavior: 'ignoreErrors' }) }
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
  assert.match(await text(page, 'form .note'), /已存本机：.*110\.00/)
  assert.equal(await page.inputValue('#price_fen'), '112')
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
  assert.equal(await page.inputValue('#price_fen'), '112')
  assert.match(await page.getAttribute('form .note a', 'href'), new RegExp(`/records/prices/${stand.state.prices[0].id}`))
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
  assert.equal(await page.inputValue('#remark'), '很好')
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
  assert.equal(await page.inputValue('#reason'), '是冻的')
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
  assert.equal(await page.inputValue('#judge-reason'), '单位写成了整箱')
  go()
  await page.waitForFunction(() => !document.querySelector('dialog'))
  assert.equal(stand.state.judged.get('501').reason, '单位写成了整箱')
})

await end()
