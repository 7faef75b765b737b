// phone.mjs BUILD - a phone and its branch, on real programs: the node is killed and comes back, and what was filled in is
// recorded once, under its name; the pages open while nothing answers; a phone that has no faith in the certificate is told so.
//
// The phone speaks plain HTTP on loopback, where a browser allows the worker without a certificate it knows; the last step
// speaks HTTPS with one it does not know.   E2E_PORT=N: ports from N on (20900)
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Province, until, pause } from './province.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const build = resolve(process.argv[2] ?? join(root, 'build/dev'))
const app = join(root, 'webui/app')
const playwright = createRequire(join(app, 'package.json'))('playwright-core')
const BASE = Number(process.env.E2E_PORT ?? 20900)
const [HUB, SYNC, PEOPLE, PLAIN] = [BASE, BASE + 1, BASE + 2, BASE + 3]
const COUNTY = '330127'
const SECRET = 'plain water keeps 2026'
const url = `http://127.0.0.1:${PLAIN}`

const province = new Province(build, join(root, 'build/phone'))
const at = (site) => join(province.dir, site)
const node = () => province.run(COUNTY, PLAIN, province.nodeProgram, 'run', '--dir', at(COUNTY), '--listen', `127.0.0.1:${PEOPLE}`, '--loopback-http', String(PLAIN), '--hub', `127.0.0.1:${SYNC}`)
async function kill() {
  const { child } = province.started.pop()
  const gone = new Promise((ok) => child.once('exit', ok))
  child.kill('SIGKILL')
  await gone
}
const says = (page, words) => page.waitForFunction((w) => document.body.textContent?.includes(w), words, { timeout: 25_000 })
const equal = (what, seen, wanted) => { if (JSON.stringify(seen) !== JSON.stringify(wanted)) throw new Error(`${what} is ${JSON.stringify(seen)}, not ${JSON.stringify(wanted)}`) }
async function login(page, name, password) {
  await page.waitForSelector('#password')
  await page.fill('#name', name)
  await page.fill('#password', password)
  await page.click('button[type=submit]')
}
async function price(page, product, yuan) {
  await page.goto(`${url}/catalogue/${product}/price`)
  await page.fill('#price_fen', yuan)
  await page.check('input[value=market]')
}
/** As the page itself may ask. */
const ask = (page, path, method = 'GET', body = undefined) => page.evaluate(async ([path, method, body]) => {
  const { account } = await (await fetch('/api/v1/session')).json()
  const answer = await fetch(`/api/v1/${path}`, { method, body: body && JSON.stringify(body), headers: { 'X-Sunlit': '1', 'X-Sunlit-Account': account?.name ?? '', 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() } })
  return answer.json()
}, [path, method, body])
const prices = async (page) => (await ask(page, 'prices?limit=50')).items.map((p) => `${p.price_fen} ${p.actor}`).sort()

const steps = []
const step = (title, play) => steps.push({ title, play })
let browser, phone, context, product

step('a province and a county, and an administrator on a phone whose browser keeps the pages', async () => {
  rmSync(province.dir, { recursive: true, force: true })
  mkdirSync(join(province.dir, 'log'), { recursive: true })
  province.make('hub', province.hubProgram, 'init', '--dir', at('hub'), '--name', '浙江省', '--province', '33')
  await province.run('hub', HUB, province.hubProgram, 'run', '--dir', at('hub'), '--listen', `127.0.0.1:${HUB}`, '--sync', `127.0.0.1:${SYNC}`)
  const invite = spawnSync(province.hubProgram, ['invite', '--dir', at('hub'), '--branch', COUNTY], { encoding: 'utf8' }).stdout.trim()
  province.make(COUNTY, province.nodeProgram, 'enroll', '--dir', at(COUNTY), '--invite', invite)
  await node()
  context = await browser.newContext({ viewport: { width: 360, height: 760 } })
  phone = await context.newPage()
  phone.setDefaultTimeout(20_000)
  await phone.goto(url)
  await login(phone, 'admin', province.oneTime[COUNTY])
  await phone.waitForSelector('#repeat')
  for (const [field, text] of [['#old', province.oneTime[COUNTY]], ['#new', SECRET], ['#repeat', SECRET]]) await phone.fill(field, text)
  await phone.click('button[type=submit]')
  await phone.waitForSelector('.services')
  product = (await until('the catalogue is there', 40, async () => (await ask(phone, 'catalogue?q=qdhyy&limit=5')).items?.[0])).id
  await phone.evaluate(() => navigator.serviceWorker.ready)
  await phone.waitForFunction(() => navigator.serviceWorker.controller !== null)
})

step('the node is killed between the tabs: two records wait, both tabs are closed, and both arrive once', async () => {
  const second = await context.newPage()
  await price(phone, product, '41.11')
  await price(second, product, '42.22')
  await pause(2500)
  await kill()
  for (const page of [phone, second]) {
    await page.click('button[type=submit]')
    await says(page, '已存本机')
  }
  await phone.close()
  await second.close()
  phone = await context.newPage()
  phone.setDefaultTimeout(20_000)
  await phone.goto(url)                                    // from the home screen, with nothing there
  await says(phone, '这部手机上还有 2 条')
  await node()
  await until('both are recorded', 30, async (seen) => { const all = await prices(phone).catch(() => []); seen(all); return all.length === 2 })
  equal('the prices', await prices(phone), ['4111 admin', '4222 admin'])
})

step('a reload and a bookmark without the node show the last data with its age, and say what was never fetched', async () => {
  await phone.goto(`${url}/records`)
  await phone.waitForSelector('.records li')
  await pause(2500)
  await kill()
  await phone.reload()
  await phone.waitForSelector('.records li')
  await says(phone, '取到的内容')
  await phone.goto(`${url}/proposals/12345`)
  await says(phone, '这一页还没有取过')
  await node()
  await says(phone, '找不到')
})

step('the answer is lost when the node dies after its commit, and the retry makes no second record', async () => {
  await price(phone, product, '43.33')
  let lost = false
  await phone.route('**/api/v1/prices', async (route) => {
    if (route.request().method() !== 'POST' || lost) return route.continue()
    lost = true
    await route.fetch()
    await kill()
    await route.abort()
  })
  await phone.click('button[type=submit]')
  await says(phone, '已存本机')
  await node()
  await says(phone, '已存本行')
  equal('the prices', await prices(phone), ['4111 admin', '4222 admin', '4333 admin'])
})

step('a colleague logs in in another tab: this one neither records nor shows under that name', async () => {
  const made = await ask(phone, 'accounts', 'POST', { name: 'clerk-b', role: 'officer' })
  await price(phone, product, '44.44')
  const other = await context.newPage()
  await other.goto(`${url}/me`)
  await other.click('text=退出登录')
  await login(other, 'clerk-b', made.password)
  await other.waitForSelector('#repeat')
  for (const [field, text] of [['#old', made.password], ['#new', SECRET], ['#repeat', SECRET]]) await other.fill(field, text)
  await other.click('button[type=submit]')
  await other.waitForSelector('.services')
  await until('the first tab knows', 20, () => phone.evaluate(() => document.querySelector('#password') !== null || document.body.textContent.includes('现在登录的是 clerk-b')))
  equal('the prices', await prices(other), ['4111 admin', '4222 admin', '4333 admin'])
  await other.goto(`${url}/catalogue/${product}/price`)
  equal('the other form', await other.inputValue('#price_fen'), '')
})

step('a browser that does not know the certificate says so, with the steps, and everything but the worker holds', async () => {
  const stranger = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 360, height: 760 } })
  const page = await stranger.newPage()
  page.setDefaultTimeout(20_000)
  const secure = `https://127.0.0.1:${PEOPLE}`
  await page.goto(secure)
  await login(page, 'admin', SECRET)
  await page.waitForSelector('.services')
  await page.click('nav.menu a[href="/me"]')
  await says(page, '这个浏览器不认得本行的证书')
  await says(page, '证书信任设置')
  await page.goto(`${secure}/catalogue/${product}/price`)
  await page.fill('#price_fen', '45.55')
  await page.check('input[value=market]')
  await kill()
  await page.click('button[type=submit]')
  await says(page, '已存本机')
  await node()
  await says(page, '已存本行')
  equal('the prices', await prices(page), ['4111 admin', '4222 admin', '4333 admin', '4555 admin'])
  await stranger.close()
})

if (!existsSync(province.nodeProgram)) throw new Error(`${build} has no programs: ninja -C ${build} sunlit-hub sunlit-node`)
let seen = 0
try {
  browser = await playwright.chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
  for (const { title, play } of steps) {
    const start = Date.now()
    try { await play() } catch (error) { console.log(`FAIL  ${title}: ${error.message}`); break }
    console.log(`ok    ${((Date.now() - start) / 1000).toFixed(1).padStart(5)} s  ${title}`)
    seen++
  }
} finally {
  await browser?.close()
  for (const bad of await province.stop()) { console.log(`FAIL  ${bad}`); seen = -1 }
}
process.exitCode = seen === steps.length ? 0 : 1
