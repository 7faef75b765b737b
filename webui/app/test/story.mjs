// story.mjs - one story in a real browser against a stand-in of its own.  A part of a name as argument plays only those;
// SUNLIT_SLOW=6 plays them on pages six times slower, where what a story reads too early is not there yet.
import assert from 'node:assert/strict'
import { chromium } from 'playwright-core'
import { standin } from './standin.mjs'

export const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
/** What a wait may take, on a machine that does other work beside; a wait that comes true takes what it takes. */
export const WAIT_MS = 60_000
const slower = Number(process.env.SUNLIT_SLOW ?? 1)

/** What is to be read there, once it is shown: of what is not shown yet a browser tells the words without their lines. */
export async function text(page, selector) {
  const shown = page.locator(selector).first()
  await shown.waitFor()
  return shown.innerText()
}
/** What is asserted comes true, by and by: a page that shows something has not yet drawn all of it. */
export async function comes(check) {
  for (const end = Date.now() + WAIT_MS; ;) {
    try {
      return await check()
    } catch (e) {
      if (!(e instanceof assert.AssertionError) || Date.now() > end) throw e
    }
    await new Promise((ok) => setTimeout(ok, 50))
  }
}
/** There it says so: in these words alone, or in some that match. */
export const reads = (page, selector, said) =>
  comes(async () => (typeof said === 'string' ? assert.equal : assert.match)((await text(page, selector)).trim(), said))
export const filled = (page, selector, value) => comes(async () => assert.equal(await page.inputValue(selector), value))
/** What a select says and what it would send. */
export const chosen = (page, selector) => page.locator(selector).first().evaluate((el) => `${el.selectedOptions[0]?.textContent.trim() ?? ''} ${el.value}`)
/** The answers to `path` wait until they are let go. */
export async function held(page, path) {
  let go
  const gate = new Promise((ok) => { go = ok })
  await page.route(`**/api/v1/${path}`, async (r) => { await gate; await r.continue() })
  return go
}
let failed = 0
let astray = null                           // what went wrong in an answer that is made up for a page
process.on('unhandledRejection', (e) => { astray ??= e })
const only = process.argv[2]

/** `run` gets a page, the stand-in, its address, and how to open another tab of the same browser. */
export async function story(name, kind, run) {
  if (only && !name.includes(only)) return
  const stand = standin(kind)
  const port = await stand.listen(0)
  const account = kind === 'node' ? 'officer' : 'curator'
  stand.state.account = { name: account, role: account, must_change: false }
  const context = await browser.newContext({ viewport: { width: 412, height: 820 }, timezoneId: 'America/New_York' })
  context.setDefaultTimeout(WAIT_MS)
  const tab = async () => {
    const page = await context.newPage()
    if (slower > 1) await (await context.newCDPSession(page)).send('Emulation.setCPUThrottlingRate', { rate: slower })
    return page
  }
  astray = null
  try {
    await run(await tab(), stand, `http://127.0.0.1:${port}`, { context, tab, port })
    if (astray) throw astray
    if (stand.state.strays.length > 0) throw new Error(`asked with what nobody reads: ${stand.state.strays.join('; ')}`)
    console.log(`ok   ${name}`)
  } catch (e) {
    failed++
    console.log(`FAIL ${name}: ${String(e.stack ?? e).split('\n').slice(0, 8).join(' ')}`)
  }
  // An answer that is still being made up for a page is nobody's once the story is over.
  await Promise.all([context, ...context.pages()].map((of) => of.unrouteAll({ behavior: 'ignoreErrors' })))
  await context.close()
  await stand.close().catch(() => undefined)
}

export async function end() {
  await browser.close()
  process.exit(failed ? 1 : 0)
}
