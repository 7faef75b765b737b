// phone.mjs - what stories of a phone without its node share: a price filled in, what the page says, what the store holds.
export const CRAB = '/catalogue/109'
export const heading = (page, words) => page.waitForFunction((w) => document.querySelector('h1')?.textContent?.includes(w), words, { timeout: 20_000 })
export const says = (page, words) => page.waitForFunction((w) => document.body.textContent?.includes(w), words, { timeout: 20_000 })
export async function priceForm(page, url, price, source = 'settled') {
  await page.goto(`${url}${CRAB}/price`, { waitUntil: 'networkidle' })      // the page that says where it is kept is fetched behind it
  await page.fill('#price_fen', price)
  await page.check(`input[value=${source}]`)
}
export const until = async (what, check) => { for (let i = 0; i < 100; i++) { if (await check()) return; await new Promise((ok) => setTimeout(ok, 100)) } throw new Error(`never: ${what}`) }
export const fen = (stand) => stand.state.prices.map((p) => p.price_fen)
export const stored = (page, shelf) => page.evaluate((name) => new Promise((ok, no) => {
  const open = indexedDB.open('sunlit')
  open.onupgradeneeded = () => { open.transaction.abort(); ok([]) }               // there is no store yet, and none is made
  open.onerror = () => no(open.error)
  open.onsuccess = () => { const r = open.result.transaction(name).objectStore(name).getAll(); r.onsuccess = () => { open.result.close(); ok(r.result) } }
}), shelf)
/** The worker has everything: from here on nothing need answer. */
export const held = async (page) => {
  await page.evaluate(() => navigator.serviceWorker.ready)
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null)
  await page.evaluate(() => new Promise((ok) => setTimeout(ok, 2500)))
}
