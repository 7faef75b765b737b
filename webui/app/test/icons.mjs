// icons.mjs - draws the icons of the home screen, public/icon-*.png, from src/style/mark.svg.  Run it when the mark changes.
import { chromium } from 'playwright-core'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const mark = readFileSync(new URL('../src/style/mark.svg', import.meta.url), 'utf8')
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
// A launcher cuts a maskable icon to a circle of 80 %; iOS puts what is transparent on black.
for (const [name, size, part, ground] of [['icon-180', 180, 0.78, '#fff'], ['icon-192', 192, 0.92, 'transparent'], ['icon-512', 512, 0.92, 'transparent'], ['icon-maskable-512', 512, 0.6, '#fff']]) {
  const page = await browser.newPage({ viewport: { width: size, height: size } })
  await page.setContent(`<body style="margin:0;display:grid;place-items:center;height:100vh;background:${ground}"><div style="width:${part * 100}%;line-height:0">${mark}</div>`)
  await page.screenshot({ path: fileURLToPath(new URL(`../public/${name}.png`, import.meta.url)), omitBackground: true })
  await page.close()
}
await browser.close()
