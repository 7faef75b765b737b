// ready.mjs PORT COOKIE - how long a slow phone waits for the catalogue of a real node, and what it fetches for it.
//
// A processor six times slower, a line of 1.6 Mbit/s (without and with 150 ms of latency), nothing cached. Ready: the first fifty rows of the whole
// catalogue stand there and the search field takes letters. tests/bench/budgets runs it.
import { chromium } from 'playwright-core'

const [port, cookie] = process.argv.slice(2)
const [name, value] = cookie.split('=')
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
let bytes = 0, files = 0

async function once(latency) {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, locale: 'zh-CN', serviceWorkers: 'block' })
  await context.addCookies([{ name, value, url: `http://127.0.0.1:${port}` }])
  const page = await context.newPage()
  const line = await context.newCDPSession(page)
  bytes = files = 0
  line.on('Network.loadingFinished', (e) => { bytes += e.encodedDataLength; files++ })
  await line.send('Network.enable')
  await line.send('Network.emulateNetworkConditions', { offline: false, latency, downloadThroughput: 1.6e6 / 8, uploadThroughput: 750e3 / 8 })
  await line.send('Emulation.setCPUThrottlingRate', { rate: 6 })
  await page.goto(`http://127.0.0.1:${port}/catalogue?season=all`, { waitUntil: 'commit' })
  const ready = await page.waitForFunction(() => document.querySelectorAll('a.product').length >= 50 && document.querySelector('input') && performance.now(), null, { timeout: 30000 })
  const ms = await ready.jsonValue()
  await context.close()
  return ms
}

for (const latency of [0, 150]) {
  const times = []
  for (let turn = 0; turn < 5; turn++) times.push(await once(latency))
  times.sort((a, b) => a - b)
  console.log(`page                ${Math.round(times[2])} ms until the list is ready with ${latency} ms of latency, the median of ${times.length} (${Math.round(times[0])} to ${Math.round(times.at(-1))})`)
}
console.log(`page fetched        ${(bytes / 1024).toFixed(0)} KB in ${files} answers`)
await browser.close()
