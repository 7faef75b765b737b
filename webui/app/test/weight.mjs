// weight.mjs - what the first page costs: every byte of HTML, CSS and script a browser fetches for it, gzipped, until nothing more
// is fetched; and that a reader gets the words of his own language only.
import { chromium } from 'playwright-core'
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { fileURLToPath } from 'node:url'
import { standin } from './standin.mjs'

const LIMIT = 63 * 1024
const dist = fileURLToPath(new URL('../dist', import.meta.url))
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
const THEIRS = { zh: 'Skip to content', en: '跳到正文' }       // words of the frame in the other language
let heavy = false
for (const [kind, path, account, lang = 'zh'] of [['node', '/login', null], ['node', '/', 'officer'], ['hub', '/login', null], ['hub', '/', 'curator'], ['node', '/', 'officer', 'en'], ['hub', '/', 'curator', 'en']]) {
  const stand = standin(kind)
  const port = await stand.listen(0)
  stand.state.account = account && { name: account, role: account, must_change: false }
  const page = await browser.newPage({ serviceWorkers: 'block' })
  await page.addInitScript((l) => localStorage.setItem('sunlit.settings', JSON.stringify({ lang: l })), lang)
  const files = new Set()
  page.on('request', (r) => { const u = new URL(r.url()); if (!u.pathname.startsWith('/api/')) files.add(u.pathname.startsWith('/assets/') ? u.pathname : '/index.html') })
  await page.goto(`http://127.0.0.1:${port}${path}`)
  await page.waitForSelector('h1')
  await page.waitForLoadState('networkidle')
  const size = [...files].reduce((sum, f) => sum + gzipSync(readFileSync(dist + f), { level: 9 }).length, 0)
  const foreign = [...files].filter((f) => readFileSync(dist + f, 'utf8').includes(THEIRS[lang]))
  console.log(`${kind} ${path} ${lang}: ${(size / 1024).toFixed(1)} KB in ${files.size} files${foreign.length ? `, words of another language in ${foreign}` : ''}`)
  if (size > LIMIT || foreign.length) heavy = true
  await page.close()
  await stand.close()
}
await browser.close()
process.exit(heavy ? 1 : 0)
