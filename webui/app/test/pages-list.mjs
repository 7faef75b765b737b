// pages-list.mjs - the pages the checks visit, and what is done on each before looking.
const CRAB = '/catalogue/109'

export const nodePages = [
  { name: 'login', path: '/login', as: null, wait: 'form' },
  { name: 'password', path: '/password', mustChange: true },
  { name: 'home', path: '/', wait: '.product' },
  { name: 'catalogue', path: '/catalogue', wait: '.catalogue .product' },
  { name: 'search', path: '/catalogue?q=qdh', wait: '.catalogue mark' },
  { name: 'search-none', path: '/catalogue?q=zzz', wait: '.empty' },
  { name: 'drawer', path: '/catalogue', wait: '.catalogue .product', act: async (p) => { const b = p.locator('.picks .pill').last(); if (await b.isVisible()) { await b.click(); await p.waitForTimeout(150) } } },
  { name: 'product', path: CRAB, wait: '.chart' },
  { name: 'product-bare', path: '/catalogue/115', wait: '.hero' },
  { name: 'price', path: `${CRAB}/price`, wait: 'form', act: async (p) => { await p.fill('#price_fen', '1180.00'); await p.fill('#date', '2099-01-01'); await p.click('button[type=submit]'); await p.waitForSelector('.errors') } },
  { name: 'price-saved', path: `${CRAB}/price`, wait: 'form', act: async (p) => { await p.evaluate(() => Object.keys(localStorage).filter((k) => k.includes('draft')).forEach((k) => localStorage.removeItem(k))); await p.reload(); await p.fill('#price_fen', '118'); await p.check('input[value=settled]'); await p.fill('#qty', '24'); await p.click('button[type=submit]'); await p.waitForSelector('.stations') } },
  { name: 'phone-saved', path: `${CRAB}/rate`, wait: 'form', act: async (p, s) => { for (const m of ['quality', 'price', 'delivery']) await p.locator(`input[name=${m}][value="4"]`).check({ force: true }); s.state.silentUntil = Date.now() + 2500; await p.click('button[type=submit]'); await p.waitForSelector('.stations'); await p.waitForTimeout(300) } },
  { name: 'rate', path: `${CRAB}/rate`, wait: 'form' },
  { name: 'correct', path: `${CRAB}/correct`, wait: '#name_zh', act: async (p) => { await p.selectOption('#storage', 'chilled') } },
  { name: 'delist', path: `${CRAB}/delist`, wait: 'form' },
  { name: 'propose', path: '/propose' },
  { name: 'propose-product', path: '/propose/product', wait: '#name_zh' },
  { name: 'propose-supplier', path: '/propose/supplier', wait: '#uscc', act: async (p) => { await p.fill('#name', '供应商丁'); await p.fill('#uscc', '91330903MA2A1B2C3D'); await p.click('button[type=submit]'); await p.waitForSelector('.errors') } },
  { name: 'records', path: '/records', wait: '.records li' },
  { name: 'evaluations', path: '/records/evaluations', wait: '.records li' },
  { name: 'proposals', path: '/records/proposals', wait: '.records li' },
  { name: 'proposal', path: '/proposals/9', wait: '.diff' },
  { name: 'sheet', path: '/sheet', act: async (p) => { await p.setInputFiles('input[type=file]', { name: 'prices.csv', mimeType: 'text/csv', buffer: Buffer.from('a,b\n') }); await p.click('button.main'); await p.waitForSelector('.sheet-errors') } },
  { name: 'sync', path: '/sync', wait: '.log li', refused: true },
  { name: 'sync-up', path: '/sync', wait: '.log li', link: 'up' },
  { name: 'void', path: '/sync', wait: '.refusal', refused: true, act: async (p) => { await p.locator('.refusal .danger').first().click(); await p.waitForSelector('dialog[open]') } },
  { name: 'accounts', path: '/accounts', as: 'admin', wait: '.people li' },
  { name: 'account-new', path: '/accounts', as: 'admin', wait: '.people li', act: async (p) => { await p.click('button.main'); await p.fill('#name', `canteen${Date.now() % 1000}`); await p.check('input[value=staff]'); await p.click('button[type=submit]'); await p.waitForSelector('.once') } },
  { name: 'me', path: '/me' },
  { name: 'forbidden', path: '/accounts', as: 'staff' },
  { name: 'lost', path: '/nowhere' },
]

export const hubPages = []
