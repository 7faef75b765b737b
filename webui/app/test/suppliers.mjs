// suppliers.mjs - what a colleague decided meanwhile is not undone by an editor that was open, nor by a draft of before.
// In a real browser against the stand-in; a part of a name as argument plays only those.
import assert from 'node:assert/strict'
import { comes, end, filled, reads, story } from './story.mjs'
import { drafted } from './phone.mjs'

/** A supplier whom a colleague may change, and what was sent about it. */
async function supplier(page, change = {}) {
  const S = { sent: [], now: { rev: 3, ...change } }
  await page.route('**/api/v1/suppliers/1', async (route) => {
    if (route.request().method() === 'GET') {
      const there = await route.fetch().then((r) => r.json()).catch(() => null)       // the page may be gone by now
      return there ? route.fulfill({ json: { ...there, uscc: '91330903MA2A1B2C3F', ...S.now } }) : undefined
    }
    const body = route.request().postDataJSON()
    S.sent.push(body)
    if (body.rev !== S.now.rev) return route.fulfill({ status: 409, json: { error: { kind: 'conflict', rule: 'stale', field: 'rev', text: 'stale' } } })
    Object.assign(S.now, body, { rev: body.rev + 1 })
    return route.fulfill({ json: { id: 1, rev: S.now.rev } })
  })
  return S
}
const blacklisted = { rev: 4, status: 'blacklisted', status_reason: '以次充好，已查实' }
const open = async (page, url) => { await page.goto(`${url}/suppliers/1/edit`); await page.waitForSelector('#contact_phone') }
const status = (page) => page.locator('input[name=status]:checked').inputValue()

await story('a_blacklisting_made_meanwhile_is_not_lifted_by_who_changes_a_telephone_number', 'hub', async (page, _stand, url) => {
  const S = await supplier(page)
  await open(page, url)
  await page.fill('#contact_phone', '0571-1234567')
  Object.assign(S.now, blacklisted)
  await page.click('button.main[type=submit]')
  await page.waitForFunction(() => /别人刚改过/.test(document.querySelector('main')?.textContent ?? ''))
  await comes(async () => assert.equal(await status(page), 'blacklisted'))
  await filled(page, '#status_reason', blacklisted.status_reason)
  await reads(page, 'button.main[type=submit]', '存 1 项改动')
  await page.click('button.main[type=submit]')
  await page.waitForFunction(() => /已存，成为第/.test(document.querySelector('main')?.textContent ?? ''))
  assert.deepEqual(S.sent.at(-1), { rev: 4, contact_phone: '0571-1234567' })
})

await story('a_draft_of_before_a_blacklisting_says_that_it_is_one_and_does_not_lift_it', 'hub', async (page, _stand, url) => {
  const S = await supplier(page)
  await open(page, url)
  await page.fill('#contact_phone', '0571-1234567')
  await drafted(page, '0571-1234567')
  Object.assign(S.now, blacklisted)
  await open(page, url)
  await reads(page, 'form .note', /接着上次没存完的填/)
  await filled(page, '#contact_phone', '0571-1234567')
  await comes(async () => assert.equal(await status(page), 'blacklisted'))
  await page.click('button.main[type=submit]')
  await page.waitForFunction(() => /已存，成为第/.test(document.querySelector('main')?.textContent ?? ''))
  assert.deepEqual(S.sent, [{ rev: 4, contact_phone: '0571-1234567' }])
})

await story('an_own_change_of_the_status_is_a_draft_and_what_a_draft_is_emptied_to_is_what_stands', 'hub', async (page, _stand, url) => {
  const S = await supplier(page)
  await open(page, url)
  await page.check('input[name=status][value=suspended]')
  await page.fill('#status_reason', '许可证过期')
  await drafted(page, '许可证过期')
  await open(page, url)
  await comes(async () => assert.equal(await status(page), 'suspended'))
  await filled(page, '#status_reason', '许可证过期')
  await page.click('text=清空重填')
  await comes(async () => assert.equal(await status(page), 'active'))
  await comes(async () => assert.notEqual(await page.inputValue('#name'), ''))
  await reads(page, 'button.main[type=submit]', '还没有改动')
  assert.deepEqual(S.sent, [])
})

await story('a_draft_of_a_product_is_emptied_to_what_stands_in_the_editor_and_in_a_correction', 'hub', async (page, _stand, url) => {
  await page.goto(`${url}/catalogue/109/edit`)
  await page.waitForSelector('#name_zh')
  const name = await page.inputValue('#name_zh')
  await page.fill('#name_zh', '别的名字')
  await drafted(page, '别的名字')
  await page.goto(`${url}/catalogue/109/edit`)
  await page.click('text=清空重填')
  await filled(page, '#name_zh', name)
})

await story('a_correction_is_emptied_to_what_stands', 'node', async (page, _stand, url) => {
  await page.goto(`${url}/catalogue/109/correct`)
  await page.waitForSelector('#name_zh')
  const name = await page.inputValue('#name_zh')
  await page.fill('#name_zh', '别的名字')
  await drafted(page, '别的名字')
  await page.goto(`${url}/catalogue/109/correct`)
  await page.click('text=清空重填')
  await filled(page, '#name_zh', name)
})

await story('a_draft_of_a_channel_sends_what_was_touched_and_nothing_that_a_colleague_changed', 'hub', async (page, _stand, url) => {
  const sent = []
  const change = {}
  await page.goto(`${url}/suppliers/1`)
  const was = await page.evaluate(async () => (await fetch('/api/v1/suppliers/1')).json())
  await page.route('**/api/v1/suppliers/1', (route) => {
    return route.fulfill({ json: { ...was, channel_list: was.channel_list.map((c, i) => (i ? c : { ...c, ...change })) } })
  })
  page.on('request', (r) => { if (r.method() === 'PATCH') sent.push(r.postDataJSON()) })
  const dialog = async () => { await page.goto(`${url}/suppliers/1`); await page.locator('.pend button.bare').first().click(); await page.waitForSelector('#ch-note') }
  await dialog()
  await page.fill('#ch-note', '周一送')
  await drafted(page, '周一送')
  Object.assign(change, { rev: 9, min_order_qty: 77 })
  await dialog()
  await filled(page, '#ch-note', '周一送')
  await filled(page, '#ch-min_order_qty', '77')
  await page.click('dialog .main')
  await page.waitForSelector('dialog', { state: 'detached' })
  assert.deepEqual(sent, [{ rev: 9, note: '周一送' }])
})

await story('a_channel_that_a_colleague_changed_is_shown_and_saved_by_the_next_press', 'hub', async (page, stand, url) => {
  const now = { rev: 1, min_order_qty: 20 }
  const sent = []
  await page.route('**/api/v1/products/109', async (route) => {
    const there = await route.fetch().then((r) => r.json()).catch(() => null)       // the page may be gone by now
    if (there) Object.assign(there.channels[0], now)
    return there ? route.fulfill({ json: there }) : undefined
  })
  await page.route('**/api/v1/channels/*', (route) => {
    const body = route.request().postDataJSON()
    sent.push(body)
    return body.rev === now.rev ? route.fulfill({ json: { id: 1, rev: now.rev + 1 } }) : route.fulfill({ status: 409, json: { error: { kind: 'conflict', rule: 'stale', field: 'rev', text: 'stale' } } })
  })
  await page.goto(`${url}/catalogue/109/edit`)
  await page.waitForSelector('#name_zh')
  await page.locator('.supplier + .acts button').first().click()
  await page.fill('#ch-note', '周一送')
  Object.assign(now, { rev: 3, min_order_qty: 50 })
  await page.click('dialog .main')
  await page.waitForFunction(() => /起订量：20 → 50/.test(document.querySelector('dialog .theirs')?.textContent ?? ''))
  await filled(page, '#ch-note', '周一送')
  await filled(page, '#ch-min_order_qty', '50')
  await page.click('dialog .main')
  await page.waitForSelector('dialog', { state: 'detached' })
  assert.deepEqual(sent, [{ rev: 1, note: '周一送' }, { rev: 3, note: '周一送' }])
})

await story('a_channel_that_was_saved_by_a_press_without_an_answer_is_not_asked_for_more', 'hub', async (page, _stand, url) => {
  const now = { rev: 1 }
  const sent = []
  let answers = false
  await page.route('**/api/v1/products/109', async (route) => {
    const there = await route.fetch().then((r) => r.json()).catch(() => null)       // the page may be gone by now
    if (there) Object.assign(there.channels[0], now)
    return there ? route.fulfill({ json: there }) : undefined
  })
  await page.route('**/api/v1/channels/*', (route) => {
    const { rev, ...body } = route.request().postDataJSON()
    sent.push({ rev, ...body })
    if (!Object.keys(body).length) return route.fulfill({ status: 400, json: { error: { kind: 'input', rule: 'required', field: '', text: 'nothing' } } })
    Object.assign(now, body, { rev: rev + 1 })
    return answers ? route.fulfill({ json: { id: 1, rev: now.rev } }) : route.abort()
  })
  const dialog = async () => { await page.goto(`${url}/catalogue/109/edit`); await page.locator('.supplier + .acts button').first().click(); await page.waitForSelector('#ch-note') }
  await dialog()
  const was = await page.inputValue('#ch-note')
  await page.fill('#ch-note', '周一送')
  await page.click('dialog .main')
  await page.waitForSelector('dialog .errors')
  await dialog()
  await filled(page, '#ch-note', '周一送')
  await page.click('dialog .main')
  await page.waitForSelector('dialog', { state: 'detached' })
  assert.deepEqual(sent, [{ rev: 1, note: '周一送' }])
  await dialog()                                                                    // ... and who takes it back says so
  await page.fill('#ch-note', '周二送')
  await page.click('dialog .main')
  await page.waitForSelector('dialog .errors')
  answers = true
  await page.fill('#ch-note', '周一送')
  await page.click('dialog .main')
  await page.waitForSelector('dialog', { state: 'detached' })
  assert.deepEqual(sent.slice(1), [{ rev: 2, note: '周二送' }, { rev: 3, note: '周一送' }])
  assert.notEqual(was, now.note)
})

await story('a_minimum_that_was_filled_in_for_another_unit_is_looked_at_again', 'hub', async (page, _stand, url) => {
  const sent = []
  await page.route('**/api/v1/channels/*', (route) => {
    const body = route.request().postDataJSON()
    sent.push(body)
    return body.unit === 'box' ? route.fulfill({ json: { id: 1, rev: 2 } })
      : route.fulfill({ status: 409, json: { error: { kind: 'conflict', rule: 'unit_changed', field: 'unit', text: 'unit', params: { filled: body.unit, now: 'box' } } } })
  })
  await page.goto(`${url}/catalogue/109/edit`)
  await page.waitForSelector('#name_zh')
  const was = await page.inputValue('#unit')
  await page.locator('.supplier + .acts button').first().click()
  await page.fill('#ch-min_order_qty', '100')
  await page.click('dialog .main')
  await page.waitForFunction(() => /现在改成了/.test(document.querySelector('dialog .errors')?.textContent ?? ''))
  await comes(async () => assert.match(await page.locator('dialog .unit').textContent(), /盒/))
  await page.click('dialog .main')
  await page.waitForSelector('dialog', { state: 'detached' })
  assert.deepEqual(sent.map((x) => [x.min_order_qty, x.unit]), [[100, was], [100, 'box']])
  await page.selectOption('#unit', was === 'box' ? 'kg' : 'box')
  await comes(async () => assert.match(await page.locator('.panel').textContent(), /不换算，也不再和新单位的价格比。\d+ 个供应商的起订量是按.+填的：存下后清空/))
})

await end()
