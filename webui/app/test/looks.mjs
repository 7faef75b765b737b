// looks.mjs - what a page shows and where: names in the reader's language, nothing cut, what is folded, what is printed.
import assert from 'node:assert/strict'
import { comes, end, filled, reads, story, text } from './story.mjs'

const CRAB = '/catalogue/109'
const settings = (context, chosen) => context.addInitScript((s) => localStorage.setItem('sunlit.settings', JSON.stringify(s)), chosen)
/** Texts that say one of these words without being marked as Chinese. */
const unmarked = (page, words) => page.evaluate((words) => {
  const walk = document.createTreeWalker(document.querySelector('#main'), NodeFilter.SHOW_TEXT)
  const out = []
  for (let n = walk.nextNode(); n; n = walk.nextNode()) if (new RegExp(words).test(n.data) && n.parentElement.closest('[lang]')?.lang.slice(0, 2) !== 'zh') out.push(n.data.trim())
  return out
}, words)
const PLACES = '普陀区|普陀|岱山县|岱山|上城区|淳安县|三疣梭子蟹|无核柿|供应商'

await story('an_english_page_has_english_names_and_marks_those_that_are_registered_in_chinese', 'node', async (page, _stand, url, { context }) => {
  await settings(context, { lang: 'en' })
  for (const [path, wait, says] of [[CRAB, '.supplier', /Putuo/], [`${CRAB}/price`, '#supplier', /\(Putuo District\)/], [`${CRAB}/rate`, '#supplier', /\(Putuo District\)/]]) {
    await page.goto(url + path)
    await page.waitForSelector(wait)
    assert.deepEqual(await unmarked(page, PLACES), [], path)
    await comes(async () => assert.match(await page.locator('#main').textContent(), says, path))
  }
})

await story('the_hub_too_has_english_names_on_its_english_pages', 'hub', async (page, stand, url, { context }) => {
  await settings(context, { lang: 'en' })
  Object.assign(stand.state.products[0], { status: 'delisted', status_reason: 'no longer made' })
  for (const [path, wait, says] of [['/suppliers', 'tbody tr', /Putuo District/], ['/suppliers/3', '.sec li', /Zhoushan swimming crab/], ['/delisted', '.rows li', /Chun'an seedless persimmon/], [CRAB, '.supplier', /confirmed.*Putuo District|Putuo District.*confirmed/is]]) {
    await page.goto(url + path)
    await page.waitForSelector(wait)
    assert.deepEqual((await unmarked(page, PLACES)).filter((t) => t !== '舟山三疣梭子蟹'), [], path)   // the field of the Chinese name
    await comes(async () => assert.match(await page.locator('#main').textContent(), says, path))
  }
  await page.goto(`${url}${CRAB}/edit`)
  await page.locator('.sec .acts.calm button').last().click()
  await page.waitForSelector('#ch-supplier option:nth-child(2)', { state: 'attached' })
  await comes(async () => assert.match(await page.locator('#ch-supplier option').nth(1).textContent(), /\(Putuo District\)/))
})

await story('a_hint_of_what_to_search_for_is_never_cut', 'node', async (page, _stand, url) => {
  await page.setViewportSize({ width: 360, height: 780 })
  const cut = []
  for (const lang of ['zh', 'en']) {
    for (const type of ['standard', 'large', 'larger', 'largest']) {
      await page.goto(`${url}/me`)
      await page.evaluate((s) => localStorage.setItem('sunlit.settings', JSON.stringify(s)), { lang, type })
      for (const path of ['/catalogue', '/records', '/price']) {
        await page.goto(url + path)
        await page.waitForSelector('input[type=search]')
        const [need, room] = await page.evaluate(() => {
          const field = document.querySelector('input[type=search]')
          const style = getComputedStyle(field)
          const pen = document.createElement('canvas').getContext('2d')
          pen.font = style.font
          return [pen.measureText(field.placeholder).width, field.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight)]
        })
        if (need > room) cut.push(`${lang} ${type} ${path}: ${Math.round(need)} of ${Math.round(room)}`)
      }
    }
  }
  assert.deepEqual(cut, [])
})

await story('logins_are_told_apart_by_browser_and_system', 'node', async (page, _stand, url) => {
  await page.goto(`${url}/me`)
  const one = page.locator('.rows .pend')
  await one.first().waitFor()
  await comes(async () => assert.match(await one.nth(0).innerText(), /Edge.*Windows.*正在用的这一处/s))
  await comes(async () => assert.match(await one.nth(1).innerText(), /Chrome.*安卓/s))
  assert.doesNotMatch(await one.nth(1).innerText(), /正在用/)
})

await story('what_older_people_come_for_stands_first_on_their_page_and_sync_is_one_press_away', 'node', async (page, _stand, url) => {
  await page.goto(`${url}/me`)
  await page.waitForSelector('.rows .pend')
  await page.waitForFunction(() => [...document.querySelectorAll('h2')].some((h) => /断网时也能打开/.test(h.textContent)))
  const heads = await page.locator('h2').allInnerTexts()
  assert.deepEqual(heads.slice(0, 3), ['语言', '字号', '明暗'])
  assert.ok(heads.findIndex((h) => /断网时也能打开/.test(h)) > 3, heads.join())
  await page.click('main a[href="/sync"]')
  await page.waitForSelector('.log li')
})

await story('a_rating_says_once_which_end_is_good', 'node', async (page, _stand, url) => {
  await page.goto(`${url}${CRAB}/rate`)
  await page.waitForSelector('.stars')
  const said = await text(page, 'form')
  assert.equal(said.match(/差/g)?.length, 1, said)
})

await story('names_have_the_room_of_the_page_with_the_largest_type', 'node', async (page, _stand, url, { context }) => {
  await settings(context, { lang: 'zh', type: 'largest' })
  await page.setViewportSize({ width: 360, height: 780 })
  await page.goto(`${url}/records`)
  await page.waitForSelector('.records li')
  const width = await page.evaluate(() => Math.min(...[...document.querySelectorAll('.records .pend > :first-child')].map((e) => e.getBoundingClientRect().width)))
  assert.ok(width > 280, `${width} px`)
})

await story('no_word_is_squeezed_and_no_page_runs_over_with_the_largest_type', 'node', async (page, stand, url, { context }) => {
  await settings(context, { lang: 'en', type: 'largest' })
  await page.setViewportSize({ width: 360, height: 780 })
  stand.state.showRefused = true
  await page.route('**/api/v1/products/109', async (route) => {
    const answer = await (await route.fetch()).json()
    for (const c of answer.channels) c.supplier.licence_until = new Date(Date.now() + 21 * 86400e3).toISOString().slice(0, 10)
    return route.fulfill({ json: answer })
  })
  for (const [path, ready] of [['/sync', '.refusal'], [CRAB, '[data-licence=soon]']]) {
    await page.goto(`${url}${path}`)
    await page.waitForSelector(ready)
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= 360, `${path} runs over`)
    const broken = await page.evaluate(() => [...document.querySelectorAll('.sec-head small')].filter((e) => {
      const range = document.createRange()
      const lines = (word) => { range.setStart(word[0], word[1]); range.setEnd(word[0], word[2]); return new Set([...range.getClientRects()].map((r) => Math.round(r.top))).size }
      const walk = document.createTreeWalker(e, NodeFilter.SHOW_TEXT)
      while (walk.nextNode()) for (const m of walk.currentNode.data.matchAll(/[A-Za-z]{2,}/g)) if (lines([walk.currentNode, m.index, m.index + m[0].length]) > 1) return true
      return false
    }).map((e) => e.textContent))
    assert.deepEqual(broken, [])
  }
})

await story('a_chart_without_a_band_does_not_explain_one', 'node', async (page, _stand, url) => {
  let branches = 23
  await page.route('**/products/109/prices*', async (route) => {
    const answer = await (await route.fetch()).json()
    for (const p of answer.periods) p.branches = Math.min(p.branches, branches)
    return route.fulfill({ json: answer })
  })
  await page.goto(`${url}${CRAB}`)
  await page.waitForSelector('.chart')
  await reads(page, '.key.pad', /中间一半/)
  branches = 4
  await page.reload()
  await page.waitForSelector('.chart')
  assert.doesNotMatch(await text(page, '.key.pad'), /中间一半/)
})

await story('on_paper_there_is_who_where_and_when_and_nothing_to_press', 'node', async (page, _stand, url) => {
  await page.goto(`${url}${CRAB}`)
  await page.waitForSelector('.chart')
  await page.emulateMedia({ media: 'print' })
  await reads(page, '.printed', /淳安.*officer.*\d{4}-\d\d-\d\d/)
  await comes(async () => assert.ok(await page.locator('.printed').isVisible()))
  const left = await page.evaluate(() => [...document.querySelectorAll('button, select, input, .button, .bar, .crumb, details:not([open])')].filter((e) => e.getClientRects().length).map((e) => e.textContent))
  assert.deepEqual(left, [])
})

await story('what_was_found_by_its_english_name_shows_it', 'node', async (page, _stand, url) => {
  await page.goto(`${url}/catalogue?q=camellia&season=all`)
  await page.waitForSelector('.catalogue mark')
  await reads(page, '.catalogue .product [lang=en]', 'Qiandao Lake camellia oil')
  await reads(page, '.catalogue mark', 'camellia')
})

await story('equal_contacts_are_one_line', 'node', async (page, _stand, url) => {
  await page.route(/\/api\/v1\/sync(\?|$)/, async (route) => {
    const answer = await (await route.fetch()).json()
    const [down] = answer.contacts
    answer.contacts = [down, ...Array.from({ length: 25 }, (_, i) => ({ at_ms: down.at_ms - (i + 1) * 600_000, kind: 'sync', ms: 0, sent: 1, got: 0, refused: 0, detail: '' })), { ...down, at_ms: down.at_ms - 9e7 }]
    return route.fulfill({ json: answer })
  })
  await page.goto(`${url}/sync`)
  await page.waitForSelector('.log li')
  await comes(async () => assert.equal(await page.locator('.log li').count(), 3, await page.locator('.log').innerText()))
  await comes(async () => assert.match(await page.locator('.log li').nth(1).innerText(), /25/))
})

await story('the_list_of_the_english_audit_is_not_cut_by_what_stands_beside_it', 'hub', async (page, _stand, url, { context }) => {
  await settings(context, { lang: 'en' })
  for (const width of [1024, 1120, 1280, 1440]) {
    await page.setViewportSize({ width, height: 900 })
    await page.goto(`${url}/audit/1204910`)
    await page.waitForSelector('.proofs li')
    await page.waitForSelector('.list tbody tr')
    const cut = await page.evaluate(() => {
      const list = document.querySelector('.audit-split .list')
      if (!list.getClientRects().length) return []
      const detail = document.querySelector('.detail').getBoundingClientRect()
      const beside = detail.left > list.getBoundingClientRect().left + 1
      const edge = Math.min(list.parentElement.getBoundingClientRect().right, beside ? detail.left : Infinity)
      return [...list.querySelectorAll('th, td')].filter((c) => c.getBoundingClientRect().right > edge + 1 || c.scrollWidth > c.clientWidth + 1).map((c) => c.textContent)
    })
    assert.deepEqual(cut, [], `${width}`)
  }
})

await story('the_filters_of_the_audit_are_folded_on_a_phone', 'hub', async (page, _stand, url) => {
  await page.setViewportSize({ width: 360, height: 780 })
  await page.goto(`${url}/audit`)
  await page.waitForSelector('.list tbody tr')
  assert.equal(await page.locator('#a-filters').isVisible(), false)
  await page.click('button[aria-controls=a-filters]')
  await comes(async () => assert.equal(await page.locator('#a-filters').isVisible(), true))
})

await story('what_is_copied_of_an_invitation_is_the_whole_command', 'hub', async (page, stand, url, { context }) => {
  await context.addInitScript(() => Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (t) => { globalThis.copied = t } } }))
  stand.state.account = { name: 'admin', role: 'admin', must_change: false }
  await page.goto(`${url}/branches`)
  await page.locator('.enrol .act button').first().click()
  await page.waitForSelector('.once')
  await page.click('.once .main')
  assert.match(await page.evaluate(() => globalThis.copied), /^sunlit-node enroll --dir \/var\/lib\/sunlit --invite sunlit1:hub\.lan:7443:\S+$/)
})

await story('the_keys_of_a_desk_search_and_step_through_the_queue', 'hub', async (page, _stand, url) => {
  await page.setViewportSize({ width: 1280, height: 900 })
  await page.goto(`${url}/catalogue`)
  await page.waitForSelector('.catalogue .product')
  await page.keyboard.press('/')
  await comes(async () => assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('type')), 'search'))
  await filled(page, 'input[type=search]', '')
  await page.goto(`${url}/review/330127/9`)
  await page.waitForSelector('.decide')
  await page.waitForSelector('.queue li')
  await page.keyboard.press('j')
  await page.waitForURL('**/review/330822/10')
  await page.keyboard.press('k')
  await page.waitForURL('**/review/330127/9')
})

await story('refused_entries_come_page_by_page', 'hub', async (page, stand, url) => {
  stand.state.moreHeld = 70
  await page.goto(`${url}/audit/held`)
  await page.waitForSelector('.held')
  const before = await page.locator('.held').count()
  assert.ok(before < 60, `${before}`)                              // fifty, and what lies aside
  await page.click('.more button')
  await page.waitForFunction(() => document.querySelectorAll('.held').length > 70)
})

// Every text of people at its longest: one word without a place to break.
const LONGEST = { note: 200, remark: 400, reason: 400, status_reason: 400, text: 400, name_zh: 40, name_en: 120, name: 80, supplier_name: 80, product_name: 40, target_name: 40, actor: 32, by: 32, made_by: 32, detail: 200, contact_name: 40, contact_phone: 40, licence_no: 60, delivery_area: 120, storage_note_zh: 200, geo_basis: 400, agent: 120 }
const longest = (v, key) => typeof v === 'string' ? (LONGEST[key] && v ? 'W'.repeat(LONGEST[key]) : v)
  : Array.isArray(v) ? v.map((x) => longest(x, key)) : v && typeof v === 'object' ? Object.fromEntries(Object.entries(v).map(([k, x]) => [k, v.prefecture_code && v.code && /^name/.test(k) ? x : longest(x, k)])) : v   // counties have the names they have
const OWN = new Set(['session', 'status'])                       // who is logged in, and where
for (const [kind, paths] of [
  ['node', ['/', '/catalogue', CRAB, `${CRAB}/price`, '/records', '/records/evaluations', '/records/proposals', '/proposals/9', '/records/prices/1', '/sync', '/withheld', '/confirm']],
  ['hub', ['/', '/review', '/review/330127/9', '/review/prices', '/catalogue', CRAB, '/compare/109', '/suppliers', '/suppliers/1', '/delisted', '/audit', '/audit/1204910', '/audit/branches', '/audit/events', '/audit/keys', '/audit/held', '/behind/price?product=109', '/branches', '/accounts']],
]) {
  await story(`notes_and_names_at_their_longest_widen_no_page_of_the_${kind}`, kind, async (page, stand, url) => {
    stand.state.showRefused = true
    await page.route('**/api/v1/**', async (route) => {
      if (route.request().method() !== 'GET' || OWN.has(new URL(route.request().url()).pathname.split('/').at(-1))) return route.continue()
      const answer = await route.fetch()
      return answer.headers()['content-type']?.includes('json') ? route.fulfill({ json: longest(await answer.json(), '') }) : route.fulfill({ response: answer })
    })
    const wide = []
    for (const width of [360, 1280]) {
      await page.setViewportSize({ width, height: 900 })
      for (const path of paths) {
        await page.goto(url + path, { waitUntil: 'networkidle' })
        await page.waitForFunction(() => document.querySelector('#main')?.textContent.length > 20)
        const over = await page.evaluate(() => {
          const room = document.documentElement.clientWidth
          if (document.documentElement.scrollWidth <= room) return ''
          const inBox = (e) => { for (let p = e.parentElement; p; p = p.parentElement) if (/auto|scroll|hidden|clip/.test(getComputedStyle(p).overflowX)) return true; return false }
          const out = [...document.querySelectorAll('main *')].filter((e) => e.getBoundingClientRect().right > room + 1 && !inBox(e)).at(-1)
          return `${document.documentElement.scrollWidth} of ${room}: ${out?.outerHTML.slice(0, 90)}`
        })
        if (over) wide.push(`${width} ${path} ${over}`)
      }
    }
    assert.deepEqual(wide, [])
  })
}

// Texts that lie over one another cannot be read, whatever fits the screen.
await story('nothing_lies_over_anything_at_the_largest_type', 'node', async (page, _stand, url, { context }) => {
  await context.addInitScript(() => localStorage.setItem('sunlit.settings', JSON.stringify({ lang: 'zh', type: 'largest' })))
  await page.setViewportSize({ width: 360, height: 780 })
  for (const [path, wait] of [['/records', '.records li'], ['/catalogue', '.rows li'], [CRAB, '.chart']]) {
    await page.goto(url + path)
    await page.waitForSelector(wait)
    await page.waitForTimeout(300)
    const found = await page.evaluate(() => {
      const texts = []
      const walk = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT)
      for (let n = walk.nextNode(); n; n = walk.nextNode()) {
        const e = n.parentElement
        if (!n.textContent.trim() || e.closest('.sr, .stick, option, details:not([open]) > :not(summary), text') || !e.checkVisibility({ checkVisibilityCSS: true, checkOpacity: true })) continue
        const range = document.createRange()
        range.selectNodeContents(n)
        for (const r of range.getClientRects()) if (r.width > 1 && r.height > 1) texts.push({ text: n.textContent.trim().slice(0, 12), left: r.left, right: r.right, top: r.top + r.height * 0.2, bottom: r.bottom - r.height * 0.2 })
      }
      const over = []
      texts.forEach((a, i) => texts.slice(i + 1, i + 40).forEach((b) => {
        if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1) over.push(`${a.text} | ${b.text}`)
      }))
      return { over, wide: document.documentElement.scrollWidth - document.documentElement.clientWidth }
    })
    assert.deepEqual(found, { over: [], wide: 0 }, path)
  }
})

/** Headings and buttons, but those that are a row with a sentence, whose last line is one character alone. */
const lone = (page) => page.evaluate(() => [...document.querySelectorAll('h1, h2, h3, button, .button')].filter((el) => el.getClientRects().length > 0 && !el.matches('.task')).flatMap((el) => {
  const tops = []
  const walk = document.createTreeWalker(el, NodeFilter.SHOW_TEXT)
  for (let n = walk.nextNode(); n; n = walk.nextNode()) {
    for (let i = 0; i < n.data.length; i++) {
      const r = document.createRange()
      r.setStart(n, i)
      r.setEnd(n, i + 1)
      if (n.data[i].trim() && r.getClientRects().length) tops.push(Math.round(r.getBoundingClientRect().bottom / 8))
    }
  }
  return tops.length > 2 && tops.at(-1) > tops.at(-2) + 1 ? [el.textContent.trim()] : []
}))

await story('no_heading_and_no_button_leaves_one_character_on_a_line_of_its_own', 'node', async (page, stand, url, { context }) => {
  const price = stand.state.prices[0].id
  for (const type of ['standard', 'large']) {
    await settings(context, { type })
    for (const [path, wait] of [[`/records/prices/${price}?new=1`, '.after .main'], [CRAB, '.stick'], [`${CRAB}/price`, '#price_fen'], ['/records', '.records li'], ['/sync', '.sec'], ['/', '.services'], ['/me', 'h2']]) {
      for (const width of [320, 360, 412]) {
        await page.setViewportSize({ width, height: 780 })
        await page.goto(url + path)
        await page.waitForSelector(wait)
        assert.deepEqual(await lone(page), [], `${path} at ${width}, ${type}`)
      }
    }
  }
})

await end()
