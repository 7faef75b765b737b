// weight.mjs - what the first page costs: every byte of HTML, CSS and script a browser fetches for it, gzipped.
import { chromium } from 'playwright-core'
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { fileURLToPath } from 'node:url'
import { standin } from './standin.mjs'

const LIMIT = 80 * 1024
const dist = fileURLToPath(new URL('../dist', import.meta.url))
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
let heavy = false
for (const [kind, path, account] of [['node', '/login', null], ['node', '/', 'officer'], ['node', '/catalogue', 'officer'], ['hub', '/login', null], ['hub', '/', 'curator']]) {
  const stand = standin(kind)
  const port = await stand.listen(0)
  stand.state.account = account && { name: account, role: account, must_change: false }
  const page = await browser.newPage({ serviceWorkers: 'block' })
  const files = new Set()
  page.on('request', (r) => { const u = new URL(r.url()); if (!u.pathname.startsWith('/api/')) files.add(u.pathname.startsWith('/assets/') ? u.pathname : '/index.html') })
  await page.goto(`http://127.0.0.1:${port}${path}`)
  await page.waitForSelector('h1')
  const size = [...files].reduce((sum, f) => sum + gzipSync(readFileSync(dist + f), { level: 9 }).length, 0)
  console.log(`${kind} ${path}: ${(size / 1024).toFixed(1)} KB in ${files.size} files`)
  if (size > LIMIT) heavy = true
  await page.close()
  await stand.close()
}
await browser.close()
process.exit(heavy ? 1 : 0)
