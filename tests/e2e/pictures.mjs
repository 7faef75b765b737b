// pictures.mjs BUILD - takes docs/pictures anew: a province and three counties as real programs, a few weeks of prices, one
// county cut off; its phone and the province's desk, in both languages.  Run it when pages have changed.
//
// Dates in fields are in the reader's language only where chromium has it (Debian: chromium-l10n).   E2E_PORT=N: ports from N on
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Caller, COUNTIES, Province, pause, until } from './province.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const build = resolve(process.argv[2] ?? join(root, 'build/dev'))
const pictures = join(root, 'docs/pictures')
const playwright = createRequire(join(root, 'webui/app/package.json'))('playwright-core')
const SECRET = 'plain water keeps 2026'
const [COUNTY] = COUNTIES
const PHONE = { width: 360, height: 720 }
const DESK = { width: 1280, height: 820 }
const DAY_MS = 86_400_000
const dayAgo = (days) => new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai' }).format(new Date(Date.now() - days * DAY_MS))

const province = new Province(build, join(root, 'build/pictures'))
const secrets = {}
const officers = {}

/** Everybody works under the name of a role. */
async function somebody(site, name, role) {
  const admin = await Caller.open(playwright, province.url(site))
  if (!secrets[site]) await admin.firstLogin('admin', province.oneTime[site], secrets[site] = SECRET)
  else await admin.must('POST', 'login', { name: 'admin', password: SECRET })
  const { password } = await admin.must('POST', 'accounts', { name, role })
  await admin.close()
  const one = await Caller.open(playwright, province.url(site))
  await one.firstLogin(name, password, SECRET)
  return one
}

/** Weeks of prices of one product in three counties: a median, a spread, a line that rises. */
async function record(product) {
  for (const [i, code] of COUNTIES.entries()) {
    for (const [n, days] of [96, 81, 66, 52, 37, 23, 9, 2].entries()) {
      const price_fen = 980 + 35 * n + 60 * i
      await officers[code].must('POST', 'prices', { product: product.id, price_fen, source: n % 3 ? 'settled' : 'market', date: dayAgo(days + i), qty: 20 + n })
    }
    await officers[code].must('POST', 'evaluations', { product: product.id, quality: 5 - i % 2, price: 4, delivery: 5, remark: '果形匀，无压伤' })
  }
}

async function propose(product) {
  await officers[COUNTY].must('POST', 'proposals', { kind: 'correction', target: product.id, base_rev: 1, patch: { storage_note_zh: '单层摆放，轻拿轻放' }, reason: '三批到货都带预冷单，叠放的有压伤。' })
}

async function page(browser, site, name, viewport, lang) {
  const context = await browser.newContext({ baseURL: province.url(site), ignoreHTTPSErrors: true, viewport, hasTouch: viewport === PHONE, locale: lang === 'zh' ? 'zh-CN' : 'en-GB', timezoneId: 'Asia/Shanghai', reducedMotion: 'reduce' })
  await context.addInitScript((settings) => localStorage.setItem('sunlit.settings', JSON.stringify(settings)), { lang })
  const one = await context.newPage()
  await one.goto('/login')
  await one.fill('#name', name)
  await one.fill('#password', SECRET)
  await one.click('button[type=submit]')
  await one.waitForSelector('.bar .chip')
  return one
}
async function shot(one, path, wait) {
  await one.goto(path)
  await one.waitForSelector(wait)
  await one.waitForFunction(() => document.querySelector('.chip')?.dataset.state !== 'unknown')
  await pause(700)
  return one.screenshot()
}

/** Phones side by side. */
async function together(browser, shots, file) {
  const one = await browser.newPage({ viewport: { width: shots.length * (PHONE.width + 18) + 10, height: PHONE.height + 20 } })
  const img = (bytes) => `<img src="data:image/png;base64,${bytes.toString('base64')}">`
  await one.setContent(`<style>body { margin: 9px; display: flex; gap: 16px; background: #fff } img { border: 1px solid #9aa8ab; border-radius: 14px }</style>${shots.map(img).join('')}`)
  await pause(200)
  await one.screenshot({ path: file })
  await one.close()
}

async function take(browser, lang, product) {
  const suffix = lang === 'zh' ? '' : `-${lang}`
  const phone = await page(browser, COUNTY, 'officer', PHONE, lang)
  await together(browser, [await shot(phone, '/', '.product'), await shot(phone, `/catalogue/${product.id}`, '.ring-l'), await shot(phone, '/sync', '.log li')], join(pictures, `branch${suffix}.png`))
  const desk = await page(browser, 'hub', 'curator', DESK, lang)
  writeFileSync(join(pictures, `province${suffix}.png`), await shot(desk, '/', '.board-table tbody tr'))
  const auditor = await page(browser, 'hub', 'auditor', DESK, lang)
  const entries = await auditor.evaluate(async () => (await (await fetch('/api/v1/audit?action=price.add&limit=5')).json()).items)
  writeFileSync(join(pictures, `audit-desktop${suffix}.png`), await shot(auditor, `/audit/${entries[0].pos}`, '.proofs li'))
}

let browser
try {
  mkdirSync(pictures, { recursive: true })
  await province.start()
  for (const code of COUNTIES) officers[code] = await somebody(code, 'officer', 'officer')
  for (const role of ['curator', 'auditor']) await (await somebody('hub', role, role)).close()
  const officer = officers[COUNTY]
  const catalogue = await until('the catalogue is there', 60, async () => { const c = await officer.must('GET', 'catalogue?season=now&sort=near&limit=3'); return c.items.length ? c.items : null })
  const product = catalogue[0]
  await record(product)
  await propose(product)
  await until('the province has a median', 60, async (seen) => { const p = (await officer.must('GET', `products/${product.id}`)).province; seen(p); return p?.branches === 3 })
  await until('all is reported', 60, async (seen) => { const s = await officer.must('GET', 'status'); seen(s.state); return s.state === 'synced' })
  await until('the trail is indexed', 60, async () => { await pause(1000); return true })
  province.cut(COUNTY)
  await until('the line is cut', 60, async (seen) => { const s = await officer.must('GET', 'status'); seen(s.state); return s.link.state === 'down' })
  await officer.must('POST', 'prices', { product: product.id, price_fen: 1260, source: 'settled', date: dayAgo(0), qty: 32 })
  await officer.must('POST', 'prices', { product: catalogue[1].id, price_fen: 2880, source: 'market', date: dayAgo(0) })
  browser = await playwright.chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--lang=zh-CN'], env: { ...process.env, LANGUAGE: 'zh_CN' } })
  for (const lang of ['zh', 'en']) await take(browser, lang, product)
  console.log(readFileSync(join(pictures, 'branch.png')).length, 'bytes the first of them')
} finally {
  await browser?.close()
  for (const bad of await province.stop()) { console.log(`FAIL  ${bad}`); process.exitCode = 1 }
  rmSync(join(root, 'build/pictures'), { recursive: true, force: true })
}
