// phone.mjs - what stories of a phone without its node share: a price filled in, what the page says, what the store holds.
import { WAIT_MS } from './story.mjs'

export const CRAB = '/catalogue/109'
export const heading = (page, words) => page.waitForFunction((w) => document.querySelector('h1')?.textContent?.includes(w), words)
export const says = (page, words) => page.waitForFunction((w) => document.body.textContent?.includes(w), words)
/** `worker`: the page that says where it is kept is there too, also when the node is not any more. */
export async function priceForm(page, url, price, source = 'settled', worker = true) {
  await page.goto(`${url}${CRAB}/price`)
  if (worker) await page.waitForFunction(() => navigator.serviceWorker.controller !== null)
  await page.fill('#price_fen', price)
  await page.check(`input[value=${source}]`)
}
export async function until(what, check) {
  for (const end = Date.now() + WAIT_MS; Date.now() < end; await new Promise((ok) => setTimeout(ok, 100))) if (await check()) return
  throw new Error(`never: ${what}`)
}
export const fen = (stand) => stand.state.prices.map((p) => p.price_fen)
export const stored = (page, shelf) => page.evaluate((name) => new Promise((ok, no) => {
  const open = indexedDB.open('sunlit')
  open.onupgradeneeded = () => { open.transaction.abort(); ok([]) }               // there is no store yet, and none is made
  open.onerror = () => no(open.error)
  open.onsuccess = () => { const r = open.result.transaction(name).objectStore(name).getAll(); r.onsuccess = () => { open.result.close(); ok(r.result) } }
}), shelf)
/** What was typed is kept as a draft. */
export const drafted = (page, typed) => until(`a draft of ${typed}`, async () => JSON.stringify(await stored(page, 'drafts')).includes(typed))
/** The worker has everything, and the device the last answers: from here on nothing need answer. */
export async function held(page) {
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null && performance.now() > performance.getEntriesByType('navigation')[0].loadEventEnd + 2000)
  let before = -1
  await until('the last answers are kept', async () => {
    const is = (await stored(page, 'last')).length
    const all = is === before
    before = is
    return all
  })
}
/** The page looks whether there are newer ones. */
export async function looks(page, url) {
  let answer = null
  page.on('response', (r) => { if (r.url() === `${url}/`) answer ??= r })
  await until('it looks', async () => { await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange'))); return answer })
  await answer.text()
}
/** The node has newer pages by now, and the page has looked. */
export async function upgraded(page, stand, url) {
  await looks(page, url)                                                           // what looks is there
  stand.upgrade()
  await looks(page, url)
}
