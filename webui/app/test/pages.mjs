// pages.mjs - every page in a real browser against the stand-in: nothing for axe-core to find, nothing wider than the
// screen, no error on the console, no violation of the CSP; at 360 and 1280, light and dark, standard and large.
//
// node test/pages.mjs [node|hub] [name of a page]      SHOTS=DIR keeps pictures      QUICK=1 takes one look at each page
import { chromium } from 'playwright-core'
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { standin } from './standin.mjs'
import { hubPages, nodePages } from './pages-list.mjs'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const shots = process.env.SHOTS
const [which, only] = process.argv.slice(2)
const LOOKS = [
  { name: '360', width: 360, height: 780, settings: {} },
  { name: '1280', width: 1280, height: 900, settings: {} },
  { name: '360-dark-en', width: 360, height: 780, settings: { theme: 'dark', lang: 'en' } },
  { name: '1280-en', width: 1280, height: 900, settings: { lang: 'en' } },
  { name: '320', width: 320, height: 640, settings: {} },
  { name: '320-large', width: 320, height: 700, settings: { type: 'large' } },
  { name: '360-largest', width: 360, height: 780, settings: { type: 'largest' } },
  { name: '1280-dark-large', width: 1280, height: 900, settings: { theme: 'dark', type: 'large' } },
]
const looks = process.env.LOOKS ? LOOKS.filter((l) => process.env.LOOKS.split(',').includes(l.name)) : process.env.QUICK ? LOOKS.slice(0, 2) : LOOKS
if (shots) mkdirSync(shots, { recursive: true })
let failures = 0
const fail = (where, what) => { failures++; console.log(`${where}: ${what}`) }

async function audit(page, where) {
  await page.evaluate(axe)
  const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'], rules: { 'color-contrast': { enabled: true } } }))
  for (const v of found.violations) fail(where, `${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.target.join(' ')).join(' | ')}`)
  const wide = await page.evaluate(() => {
    const width = document.documentElement.clientWidth
    if (document.documentElement.scrollWidth <= width) return null
    return [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > width + 1 && !e.closest('.scroll-x')).slice(0, 4).map((e) => `${e.tagName.toLowerCase()}.${e.className}`)
  })
  if (wide) fail(where, `wider than the screen: ${wide.join(', ')}`)
  const title = await page.title()
  const lang = await page.evaluate(() => document.documentElement.lang)
  if (!/阳光后勤|Sunlit/.test(title) || title.startsWith('·')) fail(where, `title is "${title}"`)
  if (!lang) fail(where, 'no lang')
  if (await page.locator('h1').count() !== 1) fail(where, `${await page.locator('h1').count()} h1`)
}

async function look(browser, kind, pages, l) {
  const stand = standin(kind)
  const port = await stand.listen(0)
  const context = await browser.newContext({ viewport: { width: l.width, height: l.height }, deviceScaleFactor: 1, hasTouch: l.width < 700, isMobile: l.width < 700, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' })
  await context.addInitScript((s) => { if (!localStorage.getItem('sunlit.settings')) localStorage.setItem('sunlit.settings', JSON.stringify(s)) }, l.settings)
  const page = await context.newPage()
  let where = ''
  page.on('console', (m) => { if (m.type() === 'error' && !/Failed to load resource/.test(m.text())) fail(where, `console: ${m.text()}`) })
  page.on('pageerror', (e) => fail(where, `error: ${e.message}`))
  for (const p of pages) {
    if (only && p.name !== only) continue
    where = `${kind} ${p.name} ${l.name}`
    stand.state.account = p.as === null ? null : { name: p.as ?? (kind === 'node' ? 'officer' : 'curator'), role: p.as ?? (kind === 'node' ? 'officer' : 'curator'), must_change: p.mustChange ?? false }
    stand.state.silentUntil = 0
    stand.state.late = p.late ?? false
    stand.state.link = p.link ?? (kind === 'node' ? 'down' : 'up')
    stand.state.showRefused = p.refused ?? false
    stand.state.distrust = p.distrust ?? false
    try {
      await page.goto(`http://127.0.0.1:${port}${p.path}`)
      await page.waitForSelector(p.wait ?? 'h1', { timeout: 8000 })
      await page.waitForTimeout(250)
      if (p.act) await p.act(page, stand)
      await audit(page, where)
      if (shots) await page.screenshot({ path: `${shots}/${kind}-${p.name}-${l.name}.png`, fullPage: true })
    } catch (e) {
      fail(where, String(e).split('\n').slice(0, 3).join(' '))
      if (shots) await page.screenshot({ path: `${shots}/FAILED-${kind}-${p.name}-${l.name}.png` }).catch(() => undefined)
    }
  }
  await context.close()
  await stand.close()
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
for (const l of looks) {
  if (which !== 'hub') await look(browser, 'node', nodePages, l)
  if (which !== 'node') await look(browser, 'hub', hubPages, l)
}
await browser.close()
console.log(failures ? `${failures} findings` : `pages: ${looks.length} looks, nothing found`)
process.exit(failures ? 1 : 0)
