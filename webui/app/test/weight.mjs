// weight.mjs - what the first page costs: every byte of HTML, CSS and script a browser fetches for it, gzipped as the programs do, until nothing more
// is fetched; and that a reader gets the words of his own language only.   EACH=1: each file
import { chromium } from 'playwright-core'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzip } from '../../../cmake/gzip.mjs'
import { standin } from './standin.mjs'

const LIMIT = 60 * 1024
const LATER_MS = Number(/const LATER_MS = (\d+)/.exec(readFileSync(new URL('../src/main.ts', import.meta.url), 'utf8'))[1])
const dist = fileURLToPath(new URL('../dist', import.meta.url))
const weights = new Map()
const weight = (f) => weights.get(f) ?? weights.set(f, gzip(readFileSync(dist + f)).length).get(f)
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
const THEIRS = { zh: 'Skip to content', en: '跳到正文' }       // words of the frame in the other language
let heavy = false
for (const [kind, path, account, lang = 'zh'] of [['node', '/login', null], ['node', '/', 'officer'], ['hub', '/login', null], ['hub', '/', 'curator'], ['node', '/', 'officer', 'en'], ['hub', '/', 'curator', 'en']]) {
  const stand = standin(kind)
  const port = await stand.listen(0)
  stand.state.account = account && { name: account, role: account, must_change: false }
  const page = await browser.newPage({ serviceWorkers: 'block' })
  await page.addInitScript((l) => localStorage.setItem('sunlit.settings', JSON.stringify({ lang: l })), lang)
  // What is fetched once the first page stands (later.ts) is not waited for, however slow this machine is.
  await page.addInitScript((late) => { const real = setTimeout; globalThis.setTimeout = (work, ms, ...more) => (ms === late ? 0 : real(work, ms, ...more)) }, LATER_MS)
  const files = new Set()
  page.on('request', (r) => { const u = new URL(r.url()); if (!u.pathname.startsWith('/api/')) files.add(u.pathname.startsWith('/assets/') ? u.pathname : '/index.html') })
  await page.goto(`http://127.0.0.1:${port}${path}`)
  await page.waitForSelector('h1')
  await page.waitForLoadState('networkidle')
  const size = [...files].reduce((sum, f) => sum + weight(f), 0)
  const foreign = [...files].filter((f) => readFileSync(dist + f, 'utf8').includes(THEIRS[lang]))
  if (process.env.EACH) for (const f of files) console.log(`  ${weight(f)} ${f}`)
  console.log(`${kind} ${path} ${lang}: ${(size / 1024).toFixed(1)} KB in ${files.size} files${foreign.length ? `, words of another language in ${foreign}` : ''}`)
  if (size > LIMIT || foreign.length) heavy = true
  await page.close()
  await stand.close()
}
await browser.close()
process.exit(heavy ? 1 : 0)
