// standin.mjs - a stand-in for a node or the hub, for developing pages and for the page checks alone.
//
// It keeps everything in memory, answers with the shapes of docs/openapi.yaml and serves dist/ under the same
// Content-Security-Policy as the programs.  It proves nothing about them: the end-to-end tests do, with real ones.
// Run: node test/standin.mjs node|hub PORT      state: /stand-in/link/up|down, /stand-in/silent/SECONDS
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { readFileSync, existsSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { strayParameter } from './described.mjs'
import { withheldRoutes } from './standin-withheld.mjs'
import { branches, channels, evaluations, products, proposals, suppliers } from './standin-data.mjs'

const dist = fileURLToPath(new URL('../dist', import.meta.url))
const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.png': 'image/png', '.webmanifest': 'application/manifest+json' }
const MIN = 60_000
const isoDate = (ms) => new Date(ms + 8 * 3600_000).toISOString().slice(0, 10)

// A page begins behind the row that the page before named.
function pageOf(all, q) {
  const from = q.get('after') ? all.findIndex((r) => String(r.id) === q.get('after')) + 1 : 0
  const items = all.slice(from, from + Number(q.get('limit') ?? 50))
  return { items, next: from + items.length < all.length ? String(items.at(-1).id) : null }
}

// A newer build without building one: the same code under other names, and a worker that knows them.
const renamed = (text) => text.replace(/(assets\/|["'`]\.\/)(?=[\w.-]+\.(js|css|svg))/g, '$1newer-')
function page(path, upgraded) {
  if (upgraded && path.startsWith('/assets/') && !path.startsWith('/assets/newer-')) return null
  const file = join(dist, upgraded ? path.replace('/assets/newer-', '/assets/') : path)
  if (!existsSync(file)) return null
  if (!upgraded || !/\.(html|js|css)$/.test(path)) return readFileSync(file)
  const text = renamed(readFileSync(file, 'utf8'))
  return path === '/sw.js' ? text.replace(/"page":"\w+"/, `"page":"${createHash('sha256').update(page('/index.html', true)).digest('hex')}"`).replace(/"build":"/, '"build":"newer') : text
}

export function standin(kind) {
  const start = Date.now()
  const S = {
    kind, link: kind === 'node' ? 'down' : 'up', silentUntil: 0, account: null, accounts: [], sessions: [{ id: 281474976710655, peer: '10.33.7.21', agent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0', made_ms: start - 7200e3, seen_ms: start - 60e3, expires_ms: start + 6e8, own: true }, { id: 7, peer: '10.33.7.21', agent: 'Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36', made_ms: start - 3 * 86400e3, seen_ms: start - 40 * 60e3, expires_ms: start + 3e8, own: false }], seq: 4216, no: 41, prices: [], evaluations: structuredClone(evaluations(start)), proposals: structuredClone(proposals(start)),
    strays: [], taken: [], refused: [], answered: new Map(), products: products(), decided: new Map(), asked: new Map(), answered: new Map(), judged: new Map(), channels: [], withdrawn: new Set(), revoked: [], epoch: 1, fail: null,
    rulings: new Map(), kept: new Map(), waited: null, doubts: [{ branch: 330127, branch_name: '淳安县', branch_name_en: "Chun'an County", id: 501, no: 'JG330127-202611-0033', product: 109, product_name: '舟山三疣梭子蟹', product_name_en: 'Zhoushan swimming crab', unit: 'kg', price_fen: 118000, median_fen: 11950, branches: 31, date: isoDate(start), source: 'settled', qty: 12.5, note: '宴会用的头网大蟹，半公斤以上。', actor: 'officer', at_ms: start - 40 * MIN }],
  }
  S.accounts = kind === 'node'
    ? [{ name: 'admin', role: 'admin' }, { name: 'officer', role: 'officer' }, { name: 'staff', role: 'staff' }]
    : [{ name: 'admin', role: 'admin' }, { name: 'curator', role: 'curator' }, { name: 'auditor', role: 'auditor' }]
  for (const a of S.accounts) Object.assign(a, { disabled: false, must_change: false, last_login_ms: start - 40 * MIN, sessions: 1, password_ms: start - 50 * MIN })
  const site = kind === 'node' ? { kind, code: 330127, id: '330127-0f3a99c1', name_zh: '淳安县', name_en: "Chun'an County", version: '1.0.0' } : { kind, code: 330000, id: '330000-0f3a99c1', name_zh: '浙江省', name_en: 'Zhejiang', version: '1.0.0' }
  const linkSince = start - 134 * MIN
  const place = (at_ms) => (S.link === 'down' && at_ms > linkSince ? { at: 'branch', ms: at_ms } : { at: 'province', ms: at_ms + 4000 })
  const seqs = new Map()
  const crab = S.products.find((p) => p.name_zh === '舟山三疣梭子蟹')
  for (const [days, price, source] of [[4, 11800, 'settled'], [16, 11600, 'settled'], [30, 11000, 'quoted'], [44, 10200, 'market'], [58, 9600, 'market'], [310, 14600, 'settled'], [325, 14000, 'settled'], [352, 13200, 'settled']]) addPrice({ product: crab.id, price_fen: price, source, date: isoDate(start - days * 86400_000), supplier: 1, qty: 24 }, start - days * 86400_000)

  function addPrice(b, at = Date.now()) {
    const p = S.products.find((x) => String(x.id) === String(b.product))
    const month = isoDate(at).slice(0, 7).replace('-', '')
    const row = { branch: 330127, branch_name: '淳安县', id: 1099511627776 + ++S.seq * 4096, no: `JG330127-${month}-${String(++S.no).padStart(4, '0')}`, product: p.id, product_name: p.name_zh, product_name_en: p.name_en, unit: p.unit, qty: null, supplier: null, note: '', replaces: null, replaced_by: null, replaced_by_no: null, counts: true, void: null, ...b, confirm_outlier: undefined, supplier_name: suppliers().find((s) => s.id === b.supplier)?.name ?? null, actor: S.account?.name ?? 'officer', at_ms: at }
    seqs.set(row.id, S.seq)
    if (b.replaces) { const old = S.prices.find((r) => r.id === b.replaces); if (old) Object.assign(old, { replaced_by: row.id, replaced_by_no: row.no }) }
    S.prices.unshift(row)
    if (!p.own_price || p.own_price.date <= b.date) p.own_price = { price_fen: b.price_fen, date: b.date, source: b.source }
    return row
  }
  const isLater = (r) => r.date > isoDate(Date.now()) && !r.void && !r.replaced_by
  const withPlace = (r) => ({ ...r, ...(r.date && { future: r.date > isoDate(Date.now()) }), place: place(r.at_ms) })
  const pendingRows = () => [...S.prices, ...S.evaluations].filter((r) => place(r.at_ms).at === 'branch')
  S.refused.push({ id: 71, no: 'JG330127-202611-0031', title: '建德草莓', title_en: 'Jiande strawberry', rule: 'price_outlier', detail: { price_fen: 32000, median_fen: 3800, branches: 11 }, by: 'province', handled: false, at_ms: start - 91 * MIN, recorded_ms: start - 1400 * MIN, actor: 'officer', kept: true, subject_table: 'price', subject_id: 71, product: S.products.find((p) => p.name_zh === '建德草莓').id })
  S.refused.push({ id: 72, no: null, title: '', title_en: '', rule: 'row_differs', detail: { table: 'proposal', text: 'row 12' }, by: 'province', handled: false, at_ms: start - 95 * MIN, recorded_ms: null, actor: null, kept: true, subject_table: 'entry', subject_id: 72, product: null })
  // An evaluation made before the cut, and one after it.
  S.evaluations.forEach((e) => Object.assign(e, { branch: 330127, branch_name: '淳安县', product: crab.id, product_name: crab.name_zh, product_name_en: crab.name_en, replaces: null, replaced_by: null, replaced_by_no: null, counts: true, void: null, supplier: null, supplier_name: null }))
  S.proposals.forEach((p) => Object.assign(p, { state: p.decision ? 'decided' : 'asked', question: p.decision ? null : 41, talk: p.decision ? [] : [{ by: 'province', kind: 'question', text: '几月的批次？', actor: 'curator', at_ms: start - MIN, question: 41 }], mends: [], branch: 330127, branch_name: '淳安县', target_kind: 'product', now_rev: 8, base: p.kind === 'correction' ? { storage: 'ambient', storage_note_zh: '预冷后 5~8℃ 冷藏，轻拿轻放防压伤', seasons: [{ kind: 'open', start_md: 1001, end_md: 1130 }] } : null }))

  const status = () => {
    const now = Date.now()
    if (kind === 'hub') {
      const b = branches(now); const count = (s) => b.filter((x) => x.state === s).length
      return { ...site, now_ms: now, schema: 1, state: 'attention', since_ms: now, branches: { attention: count('attention'), offline: count('offline'), unknown: count('unknown'), pending: count('pending'), synced: count('synced') } }
    }
    const pending = pendingRows()
    const state = S.stall || S.refused.length && S.showRefused ? 'attention' : S.link === 'down' ? 'offline' : pending.length ? 'pending' : 'synced'
    return { ...site, now_ms: now, schema: 1, state, since_ms: linkSince, unheard: S.unheard ?? null, link: { state: S.link, stall: S.stall ?? null, since_ms: linkSince, last_contact_ms: S.link === 'up' ? now - 20_000 : linkSince - MIN }, pending: pending.length, oldest_pending_ms: pending.length ? Math.min(...pending.map((p) => p.at_ms)) : null, refused: S.stall || S.showRefused ? S.refused.filter((r) => !r.handled).length : 0, later: S.prices.filter(isLater).length, catalogue: { rev: 412, at_ms: linkSince - 7 * MIN, products: S.products.length } }
  }

  class No extends Error { constructor(code, faults, body = {}) { super('no'); this.code = code; this.body = body; this.faults = Array.isArray(faults) ? faults : [faults] } }
  const no = (code, rule, field, params, text = rule) => { throw new No(code, { kind: 'input', rule, field, text, params }) }

  const md = (ms) => Number(isoDate(ms).slice(5).replace('-', ''))
  const holds = (s, d) => (s.start_md <= s.end_md ? d >= s.start_md && d <= s.end_md : d >= s.start_md || d <= s.end_md)
  const open = (p, d) => p.seasons.some((s) => s.kind === 'open' && holds(s, d))
  const allYear = (p) => p.seasons.some((s) => s.kind === 'open' && s.start_md === 101 && s.end_md === 1231)
  const origin = (p) => (p.origin_code === 330127 ? 'county' : String(p.origin_code).startsWith('3301') ? 'prefecture' : 'other')

  function catalogue(q) {
    const now = Date.now(); const d = md(now); const nextMonth = (Math.floor(d / 100) % 12 + 1) * 100 + 15
    const season = q.get('season') ?? 'all'
    const inSeason = (p, s) => s === 'all' ? true : s === 'all_year' ? allYear(p) : s === 'now' ? open(p, d) && !allYear(p) : s === 'next' ? open(p, nextMonth) && !allYear(p) : s.startsWith('month:') ? open(p, Number(s.slice(6)) * 100 + 15) : true
    const text = (q.get('q') ?? '').trim().toLowerCase()
    const initials = (p) => p.name_pinyin.split(' ').map((x) => x[0]).join('')
    const found = S.products.filter((p) => (q.get('status') === 'any' || p.status === 'active') && (!q.get('confirmed') || p.confirmed === (q.get('confirmed') === 'yes'))).filter((p) => !text || p.name_zh.includes(text) || initials(p).startsWith(text) || p.name_pinyin.replace(/ /g, '').includes(text.replace(/ /g, '')) || p.name_en.toLowerCase().includes(text))
    const sets = { group: (p) => p.group, storage: (p) => p.storage, origin, prefecture: (p) => String(p.prefecture_code), rated: (p) => (p.score >= 4 ? '4' : '') }
    const wants = (p, skip) => Object.entries(sets).every(([k, f]) => k === skip || !q.get(k) || q.get(k).split(',').includes(f(p)))
    const facets = { season: { now: 0, all_year: 0, next: 0, all: found.length } }
    for (const p of found) if (wants(p)) for (const s of ['now', 'all_year', 'next']) if (inSeason(p, s)) facets.season[s]++
    for (const k of Object.keys(sets)) { facets[k] = {}; for (const p of found) if (inSeason(p, season) && wants(p, k)) facets[k][sets[k](p)] = (facets[k][sets[k](p)] ?? 0) + 1 }
    facets.rated.own = S.evaluations.length
    const all = found.filter((p) => inSeason(p, season) && wants(p))
    return { rev: S.unheard === 'catalogue' ? 0 : 412, at_ms: S.unheard === 'catalogue' ? null : linkSince - 7 * MIN, total: all.length, all_year: facets.season.all_year, facets, ...pageOf(all, q) }
  }

  function product(id) {
    const p = S.products.find((x) => String(x.id) === String(id)) ?? no(S.unheard ? 503 : 404, S.unheard ? 'unheard' : 'not_found')
    return {
      ...p, aliases: '梭子蟹、白蟹', geo_basis: p.geo_indication ? '国家知识产权局公告' : '', status: p.status ?? 'active', status_reason: p.status_reason ?? '', confirmed_by: p.confirmed ? 330903 : null,
      confirmations: p.confirmed ? [{ branch: 330903, name: '普陀区', name_en: 'Putuo District', at_ms: start - 40 * 86400_000, rev: p.rev, counts: true }] : p.lapsed ?? [],
      province: p.median_fen ? { median_fen: p.median_fen, p25_fen: Math.round(p.median_fen * 0.875), p75_fen: Math.round(p.median_fen * 1.125), last_fen: p.median_fen, branches: S.backing ?? 23, days: 30, spread_prefectures: 9 } : null,
      score_detail: p.score_count ? { overall: p.score, quality: 4.5, price: 3.9, delivery: 4.4, count: p.score_count, trend: 'up', at_ms: start - 86400_000 } : null,
      channels: p === crab ? channels(start).map((c) => ({ ...c, product: p.id, product_name: p.name_zh, product_name_en: p.name_en })) : [], evaluations: S.evaluations.filter((e) => e.product === p.id).map(withPlace),
    }
  }
  function prices(id) {
    const p = S.products.find((x) => String(x.id) === String(id)) ?? no(S.unheard ? 503 : 404, S.unheard ? 'unheard' : 'not_found')
    const periods = []
    for (let i = 23; i >= 0; i--) {
      const t = new Date(start + 8 * 3600_000); const half = t.getUTCDate() > 15 ? 1 : 0
      const n = (t.getUTCFullYear() * 12 + t.getUTCMonth()) * 2 + half - i
      const y = Math.floor(n / 24); const m = Math.floor(n / 2) % 12 + 1; const dd = n % 2 ? 16 : 1
      const key = `${y}-${String(m).padStart(2, '0')}-${String(dd).padStart(2, '0')}`
      const end = `${y}-${String(m).padStart(2, '0')}-${n % 2 ? 31 : 15}`
      const sold = open(p, m * 100 + dd) && p.median_fen
      const wave = Math.round(p.median_fen * (1 + 0.25 * Math.cos((i - 20) / 4)) * 0.9)
      const own = S.prices.filter((r) => r.product === p.id && r.date >= key && r.date <= end)[0]
      periods.push({ start: key, own_fen: own?.price_fen ?? null, median_fen: sold ? (i === 0 ? p.median_fen : wave) : null, p25_fen: sold ? Math.round(wave * 0.88) : null, p75_fen: sold ? Math.round(wave * 1.12) : null, branches: sold ? 23 - i % 5 : 0 })
    }
    return { periods, own: S.prices.filter((r) => r.product === p.id).map(withPlace) }
  }
  function postPrice(b) {
    const faults = []
    const then = isoDate(Date.now() - Number(S.waited ?? 0))
    if (S.prices.some((x) => x.id === b.replaces && (x.void || x.replaced_by))) no(409, 'replaced', 'replaces')
    const p = S.products.find((x) => String(x.id) === String(b.product)) ?? no(S.unheard ? 503 : 422, S.unheard ? 'unheard' : 'unknown', 'product')
    if (b.unit !== undefined && !b.replaces && b.unit !== p.unit) no(409, 'unit_changed', 'unit', { filled: b.unit, now: p.unit })
    if (b.date > then && !b.confirm_date) faults.push({ rule: 'future', field: 'date', text: 'date is in the future', params: { today: then } })
    if (!b.source) faults.push({ rule: 'choose', field: 'source', text: 'source is missing' })
    if (p.median_fen && (S.backing ?? 23) >= 3 && (b.price_fen > 5 * p.median_fen || b.price_fen * 5 < p.median_fen) && !(b.confirm_outlier && b.note)) faults.push({ rule: 'outlier', field: 'price_fen', text: 'price is far off', params: { times: Math.round(b.price_fen / p.median_fen * 10) / 10, median_fen: p.median_fen } })
    const own = [...S.prices].sort((x, y) => y.date.localeCompare(x.date)).find((r) => r.product === p.id && r.id !== b.replaces && !r.void && !r.replaced_by && Math.abs(Date.parse(r.date) - Date.parse(b.date)) <= 90 * 86400_000)
    if ((S.backing ?? 23) < 3 && own && (b.price_fen > 3 * own.price_fen || b.price_fen * 3 < own.price_fen) && !(b.confirm_outlier && b.note)) faults.push({ rule: 'outlier', field: 'price_fen', text: 'price is far off', params: { own_fen: own.price_fen, own_date: own.date } })
    if (faults.length) throw new No(422, faults)
    const same = S.prices.find((r) => ['product', 'price_fen', 'date', 'source'].every((f) => r[f] === b[f]) && (r.supplier ?? null) === (b.supplier ?? null) && !r.void && !r.replaced_by)
    if (same && !b.confirm_repeat && !b.replaces) no(409, 'repeated', '', { id: same.id, no: same.no, actor: same.actor, at_ms: same.at_ms })
    return withPlace(addPrice({ ...b, confirm_repeat: undefined, confirm_date: undefined }))
  }
  const routes = [
    ['GET', 'status', () => status()],
    ['GET', 'session', () => ({ account: S.account, ended: S.account ? null : S.ended ?? null, site })],
    ['POST', 'login', (_q, b) => { const a = S.accounts.find((x) => x.name === b.name); if (!a || a.disabled || b.password === 'wrong') no(401, 'wrong_login', 'password'); S.account = { name: a.name, role: a.role, must_change: b.password === 'first' }; return { account: S.account, ended: null, site } }],
    ['POST', 'logout', () => { S.account = null; return {} }],
    ['POST', 'password', (_q, b) => { if (b.old === 'wrong') no(422, 'wrong_password', 'old'); S.account.must_change = false; return { account: S.account, ended: null, site } }],
    ['GET', 'catalogue', (q) => catalogue(q)],
    ['GET', 'products/:id', (_q, _b, id) => product(id)],
    ['GET', 'products/:id/prices', (_q, _b, id) => prices(id)],
    ['PATCH', 'products/:id', (_q, b, id) => { const p = S.products.find((x) => String(x.id) === id); if (b.rev !== undefined && b.rev !== p.rev) no(409, 'stale', 'rev'); if (p.confirmed && ['seasons', 'storage', 'storage_note_zh'].some((f) => f in b)) p.confirmed = false; Object.assign(p, b, { rev: p.rev + 1 }); return product(id) }],
    ['POST', 'products', (_q, b) => { if (!b.name_zh) no(422, 'required', 'name_zh'); const p = { ...S.products[0], ...b, id: 900 + S.products.length, own_price: null, rev: 1 }; S.products.push(p); return { id: p.id, rev: 1 } }, 201],
    ['POST', 'prices', (_q, b) => { const made = postPrice(b); if (S.waited) S.kept.set(made.id, Date.now() - Number(S.waited)); return made }, 201],
    ['GET', 'prices', (q) => {
      const state = (r) => (r.void ? 'void' : r.replaced_by ? 'replaced' : place(r.at_ms).at === 'branch' ? 'waiting' : 'received')
      const all = S.prices.filter((r) => (!q.get('product') || String(r.product) === q.get('product')) && (!q.get('source') || r.source === q.get('source')) && (!q.get('from') || r.date >= q.get('from')) && (!q.get('to') || r.date <= q.get('to')) && (!q.get('state') || (q.get('state') === 'later' ? isLater(r) : state(r) === q.get('state'))) && (!q.get('q') || [r.product_name, r.no, r.note, r.actor].some((t) => t.includes(q.get('q')))))
      const by = { oldest: (r) => r.date, cheapest: (r) => String(r.price_fen).padStart(12, '0'), dearest: (r) => String(1e12 - r.price_fen).padStart(14, '0'), name: (r) => r.product_name }[q.get('sort')]
      if (by) all.sort((x, y) => by(x).localeCompare(by(y)))
      return { total: all.length, ...pageOf(all.map(withPlace), q) }
    }],
    ['GET', 'prices/:id', (_q, _b, id) => { const r = S.prices.find((x) => String(x.id) === id) ?? no(404, 'not_found'); const ahead = pendingRows().filter((x) => x.at_ms < r.at_ms).length; return { ...withPlace(r), rulings: S.rulings.get(Number(id)) ?? [], kept_ms: S.kept.get(r.id) ?? null, median_fen: S.products.find((p) => p.id === r.product).median_fen, entry: { epoch: 1, seq: seqs.get(r.id), hash: '7f3a19c2e05b8d41aa0e19c47f6b20e8b4d27c53aa0e19c47f6b20e8b4d260b7', signed: true, ahead: place(r.at_ms).at === 'branch' ? ahead : null } } }],
    ['POST', 'prices/:id/void', (_q, b, id) => { if (!b.reason) no(422, 'required', 'reason'); const r = S.prices.find((x) => String(x.id) === id); if (r) r.void = { reason: b.reason, actor: S.account.name, at_ms: Date.now() }; for (const x of S.refused) if (String(x.subject_id) === id) x.handled = true; return { id: Number(id), no: null, place: place(Date.now()) } }, 201],
    ['POST', 'sync/carry', (_q, b) => { if (!String(b).startsWith('sunlit.carry.v1')) no(400, 'not_carried', 'file'); if (String(b).includes('entries')) no(400, 'carry_entries', 'file'); if (String(b).includes('other')) throw new No(400, [{ kind: 'input', rule: 'carry_other_branch', field: 'file', text: 'of 330182', params: { branch: 330182, name: '建德市', name_en: 'Jiande' } }]); S.link = 'up'; return { through: S.seq, entries: 2, again: false } }],
    ['POST', 'prices/import', () => { throw new No(422, [{ kind: 'input', rule: 'sheet', field: '', text: '3 faults' }], { accepted: 0, file: 'demo.xlsx', errors: [{ row: 3, column: '单价', field: 'price_fen', value: '-118', rule: 'negative', text: 'price is negative' }, { row: 5, column: '采价日期', field: 'date', value: '2099-01-01', rule: 'future', text: 'future' }, { row: 6, column: '来源', field: 'source', value: '听说', rule: 'one_of', choices: '到货结算、供应商报价、市场看价', choices_en: 'settled, quoted, market', text: 'source' }, { row: 9, column: '品名', field: 'product_name', value: '梭子虾', rule: 'unknown_product', text: 'unknown product' }] }) }],
    ['POST', 'catalogue/import', () => { throw new No(422, [{ kind: 'input', rule: 'sheet', field: '', text: '2 faults' }], { accepted: 0, errors: [{ row: 4, column: '产地代码', field: 'gb2260', value: '339999', rule: 'unknown_division', text: '339999 is no division' }, { row: 9, column: '上市起月', field: 'season_start_month', value: '13', rule: 'range', text: '13 is no month' }] }) }],
    ['GET', 'evaluations', (q) => { const marks = (e) => e.quality + e.price + e.delivery; const by = { oldest: (e) => e.at_ms, best: (e) => -marks(e), worst: marks }[q.get('sort')]; const all = S.evaluations.filter((r) => (!q.get('product') || String(r.product) === q.get('product')) && (!q.get('from') || isoDate(r.at_ms) >= q.get('from')) && (!q.get('to') || isoDate(r.at_ms) <= q.get('to'))); if (by) all.sort((a, z) => by(a) - by(z)); return { total: all.length, ...pageOf(all.map(withPlace), q) } }],
    ['GET', 'evaluations/:id', (_q, _b, id) => withPlace(S.evaluations.find((r) => String(r.id) === id) ?? no(404, 'not_found'))],
    ['POST', 'evaluations', (_q, b) => { if (!b.quality) no(400, 'required', 'quality'); if (S.evaluations.some((x) => x.id === b.replaces && (x.void || x.replaced_by))) no(409, 'replaced', 'replaces'); const p = S.products.find((x) => String(x.id) === String(b.product)); const e = { replaces: null, replaced_by: null, replaced_by_no: null, counts: true, void: null, branch: 330127, branch_name: '淳安县', supplier: null, supplier_name: null, remark: '', id: ++S.seq, no: `PJ330127-202611-00${++S.no}`, ...b, product: p.id, product_name: p.name_zh, actor: S.account.name, at_ms: Date.now() }; const old = S.evaluations.find((x) => x.id === e.replaces); if (old) old.replaced_by = e.id; S.evaluations.unshift(e); return withPlace(e) }, 201],
    ['POST', 'evaluations/:id/void', (_q, b, id) => { const e = S.evaluations.find((x) => String(x.id) === id); e.void = { reason: b.reason, actor: S.account.name, at_ms: Date.now() }; return { id: e.id, no: e.no, place: place(Date.now()) } }, 201],
    ['GET', 'delisted', () => { const items = S.products.filter((p) => p.status === 'delisted').map((p) => ({ id: p.id, name_zh: p.name_zh, name_en: p.name_en, origin_name: p.origin_name, origin_name_en: p.origin_name_en, status_reason: p.status_reason, rev: p.rev, changed_by: 'curator', changed_ms: Date.now() })); return { total: items.length, items } }],
    ['POST', 'confirmations', (_q, b) => { const p = S.products.find((x) => String(x.id) === String(b.product)); if (b.rev !== p.rev) no(409, 'stale', 'rev'); if (p.confirmed) no(409, 'already_confirmed', 'product'); p.confirmed = true; return { id: 9, no: null, place: place(Date.now()) } }, 201],
    ['POST', 'proposals', (_q, b) => { if (!b.reason) no(422, 'required', 'reason'); const p = S.products.find((x) => String(x.id) === String(b.target)); if (p && b.target_kind !== 'supplier' && b.base_rev !== p.rev) no(409, 'stale', 'base_rev'); const t = { branch: 330127, branch_name: '淳安县', target: null, base_rev: null, id: ++S.seq, no: `TY330127-202611-00${++S.no}`, ...b, target_name: p?.name_zh ?? b.patch?.name_zh ?? b.patch?.name ?? null, actor: S.account.name, at_ms: Date.now(), decision: null }; S.proposals.unshift(t); return withPlace(t) }, 201],
    ['GET', 'proposals', (q) => {
      const is = { asked: (p) => p.state === 'asked', replied: (p) => p.decision, open: (p) => p.state === 'open', decided: (p) => p.state !== 'open' }[q.get('state')] ?? (() => true)
      const all = S.proposals.filter((p) => is(p) && (!q.get('actor') || p.actor === q.get('actor')) && (!q.get('from') || isoDate(p.at_ms) >= q.get('from')) && (!q.get('to') || isoDate(p.at_ms) <= q.get('to')))
      all.sort((a, z) => (q.get('sort') === 'oldest' ? a.at_ms - z.at_ms : z.at_ms - a.at_ms))
      return { total: all.length, ...pageOf(all.map(withPlace), q) }
    }],
    ['GET', 'proposals/:id', (_q, _b, id) => withPlace(S.proposals.find((p) => String(p.id) === id) ?? no(404, 'not_found'))],
    ['GET', 'suppliers', (q) => { const by = { name: (s) => s.name, place: (s) => s.division, licence: (s) => s.licence_until, channels: (s) => s.channels, score: (s) => s.score ?? 99, status: (s) => s.status }[q.get('sort')]; const all = suppliers(start); const way = q.get('order') === 'desc' ? -1 : 1; if (by) all.sort((a, z) => (by(a) < by(z) ? -way : by(a) > by(z) ? way : a.id - z.id)); return { total: 3, next: null, items: all } }],
    ['GET', 'suppliers/:id', (_q, _b, id) => ({ ...(suppliers(start).find((s) => String(s.id) === id) ?? no(404, 'not_found')), channel_list: channels(start).filter((c) => String(c.supplier.id) === id).map((c) => ({ ...c, product: crab.id, product_name: crab.name_zh, product_name_en: crab.name_en, unit: crab.unit })) })],
    ['PATCH', 'suppliers/:id', (_q, b, id) => { if (b.status && b.status !== 'active' && !b.status_reason) no(400, 'required', 'status_reason'); return { id: Number(id), rev: b.rev + 1 } }], ['POST', 'suppliers', (_q, b) => { if (!/^[0-9A-Z]{18}$/.test(b.uscc ?? '')) no(422, 'uscc', 'uscc'); return { id: 4, rev: 1 } }, 201],
    ['POST', 'channels', (_q, b) => { S.channels.push(b); return { id: 9, rev: 1 } }, 201], ['PATCH', 'channels/:id', () => ({ id: 9, rev: 2 })],
    ['GET', 'divisions', () => { const b = branches(start); return { total: b.length, items: b.map((x) => ({ code: x.code, name_zh: x.name_zh, name_en: x.name_en, prefecture_code: x.prefecture_code, level: 'county' })) } }],
    ['GET', 'sync', () => sync()],
    ['POST', 'sync/retry', () => ({})],
    ['GET', 'sessions', () => ({ items: S.sessions })],
    ['POST', 'sessions/:id/logout', (_q, _b, id) => { S.sessions = S.sessions.filter((s) => String(s.id) !== id); return { items: S.sessions } }],
    ['GET', 'accounts', () => ({ total: S.accounts.length, items: S.accounts })],
    ['POST', 'accounts', (_q, b) => { if (!b.name) no(422, 'required', 'name'); if (S.accounts.some((a) => a.name === b.name)) no(409, 'duplicate', 'name'); S.accounts.push({ ...b, disabled: false, must_change: true, last_login_ms: null, sessions: 0 }); return { name: b.name, role: b.role, password: 'lake-hill-7342-sun' } }, 201],
    ['PATCH', 'accounts/:id', (_q, { seen, ...b }, id) => { const a = S.accounts.find((x) => x.name === id); if (!seen) no(400, 'required', 'seen'); if (a.role !== seen.role || a.disabled !== seen.disabled) no(409, 'stale', 'seen'); Object.assign(a, b); return {} }],
    ['POST', 'accounts/:id/reset', (_q, b, id) => { const a = S.accounts.find((x) => x.name === id); if (a.password_ms !== b.password_ms) no(409, 'stale', 'password_ms'); a.password_ms++; return { name: id, role: 'staff', password: 'reed-boat-1183-rain' } }, 201],
    ['POST', 'accounts/:id/logout', () => ({})],
    ['GET', 'board', () => { const now = Date.now(); const b = branches(now); const c = {}; for (const x of b) c[x.state] = (c[x.state] ?? 0) + 1; return { now_ms: now, counts: { attention: 0, offline: 0, unknown: 0, pending: 0, synced: 0, ...c }, branches: b, log: { size: 1204911, witnessed: S.late ? 1190004 : 1204880, waits_since_ms: now - (S.late ? 31 * 3600_000 : 95_000), limit_ms: 86_400_000, late: !!S.late, rule: 'policy' }, outside: [{ name: 'audit.example/w1', url: 'https://audit.example', size: 1190004, asked_ms: now - 40_000, failing_since_ms: S.late ? now - 31 * 3600_000 : null, rule: S.late ? 'timeout' : null, text: S.late ? 'audit.example does not answer' : null }] } }],
    ['GET', 'branches', () => ({ total: 90, items: branches(start).map((b, i) => ({ code: b.code, name_zh: b.name_zh, name_en: b.name_en, prefecture_code: b.prefecture_code, prefecture_name: '', state: S.withdrawn.has(String(b.code)) ? 'none' : b.state === 'unknown' ? 'invited' : i % 29 === 28 ? 'none' : i % 31 === 30 ? 'revoked' : 'enrolled', epoch: b.state === 'unknown' || i % 29 === 28 ? null : S.epoch, enrolled_ms: b.state === 'unknown' || i % 29 === 28 ? null : start - 30 * 86400_000, last_contact_ms: b.last_contact_ms, certificate_until_ms: start + 700 * 86400_000, invite_expires_ms: b.state === 'unknown' && !S.withdrawn.has(String(b.code)) ? start + 86400_000 : null })) })],
    ['POST', 'invites', (_q, b) => ({ branch: b.branch, invite: 'sunlit1:hub.lan:7443:9c41e7d02b5a88f3c47f6b20e8b4d27c:4f3b1c8e5a2d9076:1795420800', expires_ms: Date.now() + 86400_000 }), 201],
    ['POST', 'branches/:id/invite/withdrawal', (_q, b, id) => { if (S.withdrawn.has(id)) no(409, 'no_invite', 'branch'); if (b.expires_ms !== start + 86400_000) no(409, 'another_invite', 'expires_ms'); S.withdrawn.add(id); return { code: Number(id) } }, 201],
    ['POST', 'branches/:id/revoke', (_q, b, id) => { if (!b.reason) no(400, 'required', 'reason'); if (b.epoch !== S.epoch) no(409, 'another_enrolment', 'epoch', { seen: b.epoch, now: S.epoch }); S.revoked.push({ code: id, ...b }); return {} }, 201],
    ['GET', 'reviews', (q) => ({ total: 6, items: reviews().map((r) => ({ ...r, state: S.decided.has(String(r.id)) ? 'decided' : S.asked.has(String(r.id)) && !S.answered.has(String(r.id)) ? 'asked' : r.state ?? 'open' })).filter((r) => r.state === (q.get('state') ?? 'open')).map((r) => ({ ...r, decision: S.decided.get(String(r.id)) ?? null })) })],
    ['GET', 'reviews/:b/:id', (_q, _b, _br, id) => review(id)],
    ['POST', 'reviews/:b/:id/question', (_q, b, _br, id) => { S.asked.set(id, b.text); return { state: 'asked' } }],
    ['GET', 'price-doubts', () => ({ items: S.doubts.slice(0, 200), total: S.doubts.length })],
    ['POST', 'price-doubts/:b/:id', (_q, b, _br, id) => { if (b.verdict === 'refused' && !b.reason) no(422, 'required', 'reason'); S.judged.set(id, b); S.doubts = S.doubts.filter((x) => String(x.id) !== id); return { verdict: b.verdict } }],
    ['POST', 'proposals/:id/answer', (_q, b, id) => { const p = S.proposals.find((x) => String(x.id) === id); if (!p.question) no(409, 'nothing_asked', 'id'); if (b.question !== p.question) no(409, 'other_question', 'question'); Object.assign(p, { state: 'open', question: null }); (p.talk ??= []).push({ by: 'branch', kind: 'answer', text: b.text, actor: S.account.name, at_ms: Date.now(), question: b.question }); return { id: p.id, no: p.no, at_ms: Date.now() } }],
    ['POST', 'proposals/:id/withdrawal', (_q, b, id) => { const p = S.proposals.find((x) => String(x.id) === id); if (p.state === 'decided') no(409, 'decided', 'id'); p.state = 'withdrawn'; (p.talk ??= []).push({ by: 'branch', kind: 'withdrawal', text: b.text, actor: S.account.name, at_ms: Date.now(), question: null }); return { id: p.id, no: p.no, at_ms: Date.now() } }],
    ['POST', 'reviews/:b/:id/decision', (_q, b, _br, id) => { if (S.decided.has(id)) no(409, 'decided', 'proposal'); if ((b.talk ?? 0) !== talkOf(id).length) no(409, 'stale', 'talk'); if (Object.values(b.fields).includes('rejected') && !b.reason) no(422, 'required', 'reason'); const v = Object.values(b.fields); S.decided.set(id, { verdict: v.every((x) => x === 'accepted') ? 'accepted' : v.some((x) => x === 'accepted') ? 'partly' : 'rejected', fields: b.fields, reason: b.reason, at_ms: Date.now(), actor: S.account.name }); return { verdict: S.decided.get(id).verdict, target: null, rev: 9 } }, 201],
    ['GET', 'compare/:id', (_q, _b, id) => compare(id)],
    ['GET', 'audit', (q) => ({ total: 1204911, lag: 0, actions: [...new Set(audit().map((a) => a.action))], items: audit().filter((a) => (!q.get('state') || a.state === q.get('state')) && (!q.get('author') || String(a.author) === q.get('author')) && (!q.get('action') || a.action === q.get('action')) && (!q.get('before') || a.pos < Number(q.get('before')))) })],
    ['POST', 'sync/refusals/:id/handled', (_q, b, id) => { if (!b.note) no(400, 'required', 'note'); for (const x of S.refused) if (String(x.id) === id) x.handled = true; return { id: Number(id), actor: S.account.name, at_ms: Date.now() } }, 201],
    ['GET', 'sync/evidence', () => ({ origin: '330000.sunlit/log', schema: 1, distrust: S.distrust ? 'log_rewritten' : null, held: { size: 1180032, verified_ms: start - 134 * MIN }, items: S.distrust ? [{ id: 2, origin: '330000.sunlit/log', rule: 'log_rewritten', detail: 'the checkpoint of 1180400 entries does not continue the one of 1180032 that this branch holds', at_ms: start - 133 * MIN }, { id: 1, origin: '330000.sunlit/log', rule: 'leaves_differ', detail: 'leaf 1179990 is not entry 4170 of this branch', at_ms: start - 140 * MIN }] : [], quarantine: S.distrust ? [{ author: 330000, seq: 18201, reason: 'schema_newer', reason_title: '来自更新的程序，升级后自动记进', detail: 'schema 2 is newer than 1', waits: true, at_ms: start - 90 * MIN, action_title: '改产品', title: '淳安无核柿', schema: 2 }, { author: 330000, seq: 18190, reason: 'row_differs', reason_title: '要改的那一行和它看到的不一样', detail: 'product 109: rev is 9, the entry changed 7', waits: false, at_ms: start - 99 * MIN, action_title: '改产品', title: '舟山三疣梭子蟹', schema: 1 }] : [] })],
    ['GET', 'audit/branches', () => auditBranches()],
    ['GET', 'audit/events', (q) => auditEvents(q)],
    ['GET', 'audit/keys', () => { const items = [[330000, '浙江省中心', 1, null], [330127, '淳安县', 1, null], [331083, '玉环市', 1, start - 31 * MIN], [331083, '玉环市', 2, null]].map(([author, author_name, epoch, revoked_ms]) => ({ author, author_name, epoch, revoked_ms, since_ms: start - 250 * 86400_000, public_hex: 'ab12'.repeat(16) })); return { items, total: items.length } }],
    ['GET', 'audit/quarantine', (q) => { const all = quarantine(); const page = pageOf(all.items.map((h) => ({ id: h.pos, ...h })), q); return { ...all, ...page } }],
    ['GET', 'audit/aside', () => asides()],
    ['GET', 'sync/aside', () => asides()],
    ['POST', `${kind === 'hub' ? 'audit' : 'sync'}/aside/:id/retry`, (_q, _b, id) => { const x = S.asides.find((i) => String(i.id) === id); if (!S.upgraded) return { again: false, seq: null, reason: x.reason, reason_title: x.reason_title }; Object.assign(x, { state: 'again', reason: '', reason_title: '', retry: false, again: asidePlace(4291, 1204930) }); return { again: true, seq: 4291, reason: '', reason_title: '' } }],
    ['POST', `${kind === 'hub' ? 'audit' : 'sync'}/aside/:id/leave`, (_q, b, id) => { const x = S.asides.find((i) => String(i.id) === id); if (!b.note) no(422, 'required', 'note'); Object.assign(x, { decided: { actor: S.account.name, at_ms: Date.now(), note: b.note, entry: asidePlace(4292, 1204931) } }); return { id: x.id, actor: S.account.name, at_ms: Date.now() } }],
    ['GET', 'audit/behind', (q) => behind(q)],
    ['GET', 'audit/row/:branch/:id', () => ({ pos: 1204910 })],
    ['POST', 'audit/checkpoint', (_q, b) => compared(b.note)],
    ['POST', 'audit/:pos/handled', (_q, b, pos) => { if (!b.note) no(400, 'required', 'note'); S.handled = { pos: 1204910, at_ms: Date.now(), actor: S.account.name }; return { pos: Number(pos), actor: S.account.name, at_ms: Date.now() } }, 201],
    ['GET', 'audit/:pos', (_q, _b, pos) => auditDetail(Number(pos))],
    ...withheldRoutes(S, start, no),
  ]
  function sync() {
    const now = Date.now(); const items = pendingRows().map((r) => ({ seq: r.seq ?? 4200, action: r.price_fen ? 'price.add' : 'evaluation.add', subject: r.no, title: r.price_fen ? `${r.product_name} ${(r.price_fen / 100).toFixed(2)} 元/公斤` : `${r.product_name} ${((r.quality + r.price + r.delivery) / 3).toFixed(1)} 分`, actor: r.actor, at_ms: r.at_ms }))
    const c = (min, kind, x) => ({ at_ms: now - min * MIN, kind, ms: 0, sent: 0, got: 0, refused: 0, detail: '', ...x })
    return {
      now_ms: now, link: { state: S.link, stall: S.stall ?? null, since_ms: linkSince, last_contact_ms: linkSince - MIN, next_try_ms: now + 3 * MIN, error: S.link === 'down' ? 'no_answer' : null }, pending: { count: items.length, bytes: 560 * items.length, items }, refused: S.refused,
      lost: S.lost ?? { runs: [], runs_total: 0, total: 0 },
      contacts: [c(134, 'down', { detail: 'no_answer' }), c(151, 'sync', { ms: 17 * MIN, sent: 11, got: 6, refused: 1, detail: '' }), c(430, 'down', { ms: 276 * MIN, detail: 'no_answer' }), c(437, 'sync', { sent: 2, got: 1 }), c(442, 'sync', { sent: 0, got: 0 }), c(447, 'up', { sent: 1, got: 0 })], certificate: { until_ms: now + 600 * 86400_000 },
    }
  }
  const persimmon = () => S.products.find((p) => p.name_zh === '淳安无核柿')
  const reviews = () => [
    { branch: 330127, branch_name: '淳安县', branch_name_en: "Chun'an County", id: 9, no: 'TY330127-202611-0009', kind: 'correction', target: persimmon().id, target_name: '淳安无核柿', fields: 3, stale: true, at_ms: start - 2 * 86400_000, received_ms: start - 2 * 86400_000 + 4 * MIN, actor: 'officer' },
    { branch: 330822, branch_name: '常山县', branch_name_en: "Changshan County", id: 10, no: 'TY330822-202611-0004', kind: 'correction', target: 1, target_name: '常山胡柚', fields: 1, stale: false, at_ms: start - 86400_000, actor: 'officer' },
    { branch: 330127, branch_name: '淳安县', branch_name_en: "Chun'an County", id: 11, no: 'TY330127-202611-0010', kind: 'new_product', target: null, target_name: '威坪辣椒酱', fields: 9, stale: false, at_ms: start - 86400_000, actor: 'officer' },
    { branch: 330921, branch_name: '岱山县', branch_name_en: "Daishan County", id: 12, no: 'TY330921-202611-0002', kind: 'new_supplier', target: null, target_name: '供应商乙', fields: 6, stale: false, at_ms: start - 22 * 3600_000, actor: 'officer' },
    { branch: 331022, branch_name: '三门县', branch_name_en: "Sanmen County", id: 13, no: 'TY331022-202611-0001', kind: 'correction', target: 2, target_name: '三门青蟹', fields: 2, stale: false, at_ms: start - 5 * 3600_000, actor: 'officer' },
    { branch: 330303, branch_name: '龙湾区', branch_name_en: "Longwan District", id: 14, no: 'TY330303-202611-0003', kind: 'delisting', target: 3, target_name: '永强泥蒜', fields: 1, stale: false, at_ms: start - 40 * MIN, actor: 'officer' },
  ]
  function review(id) {
    const r = reviews().find((x) => String(x.id) === id) ?? no(404, 'not_found')
    const s = (a, b) => [{ kind: 'open', start_md: a, end_md: b }]
    const base = { name_zh: r.target_name, origin_code: 330127, unit: 'kg', group: 'produce', storage: 'ambient', storage_note_zh: '预冷后 5~8℃ 冷藏，轻拿轻放防压伤', seasons: s(1001, 1130), geo_indication: false }
    const now = { rev: 8, fields: { ...base, seasons: s(901, 1130) }, changed: { seasons: { at_ms: start - 86400_000, actor: 'curator', rev: 8 } } }
    const sets = {
      correction: { base, now, proposed: { storage: 'chilled', storage_note_zh: '预冷后 5~8℃ 冷藏，单层摆放，轻拿轻放防压伤', seasons: s(1001, 1231) } },
      new_product: { base: null, now: null, proposed: { name_zh: '威坪辣椒酱', name_en: 'Weiping chilli sauce', group: 'processed', subgroup: 'condiment', origin_code: 330127, unit: 'bottle', storage: 'ambient', seasons: s(101, 1231) } },
      new_supplier: { base: null, now: null, proposed: { name: '供应商乙', uscc: '91330921MA2A1B2C3E', division: 330921, licence_until: '2028-03-14', contact_name: '联系人乙', contact_phone: '0580-0000002' } },
      delisting: { base: { ...base, status: 'active' }, now: { rev: 3, fields: { ...base, status: 'active' }, changed: {} }, proposed: { status: 'delisted' } },
    }
    return { state: S.decided.has(id) ? 'decided' : S.asked.has(id) && !S.answered.has(id) ? 'asked' : 'open', talk: talkOf(id), mends: [], ...r, base_rev: r.kind === 'correction' ? 7 : null, patch: sets[r.kind].proposed, reason: '三批到货都带预冷单，常温放 2 天就软。挑晚采的能卖到 12 月。', place: { at: 'province', ms: r.at_ms }, ...sets[r.kind], signature: { verified: true }, entry_pos: 1204880, decision: S.decided.get(id) ?? null, similar: r.kind === 'new_product' && !S.decided.has(id) ? [{ id: 100, name: '威坪红油辣酱', name_en: 'Weiping chilli paste', aliases: '威坪辣椒酱', place: '淳安县', place_en: "Chun'an County", status: 'active', why: 'alias' }, { id: 101, name: '辣椒酱', name_en: '', aliases: '', place: '衢州市', place_en: 'Quzhou City', status: 'delisted', why: 'part' }] : [], history: r.kind === 'correction' ? [{ branch: 330127, branch_name: '淳安县', branch_name_en: "Chun'an County", id: 3, no: 'TY330127-202603-0002', at_ms: start - 240 * 86400_000, verdict: 'accepted' }] : [] }
  }
  function talkOf(id) {
    const said = (by, kind, text, actor) => ({ by, kind, text, actor, at_ms: start, question: 41 })
    return [...(S.asked.has(id) ? [said('province', 'question', S.asked.get(id), 'curator')] : []), ...(S.answered.has(id) ? [said('branch', 'answer', S.answered.get(id), 'officer')] : [])]
  }
  function compare(id) {
    const p = S.products.find((x) => String(x.id) === id) ?? crab
    const counties = branches(start).filter((_b, i) => i % 4 === 0).map((b, i) => { const f = 9000 + (i * 733) % 5200; return { branch: b.code, name: b.name_zh, prefecture_code: b.prefecture_code, prefecture_name: '', last_fen: f, date: isoDate(start - (i % 20) * 86400_000), count: 3 + i % 6, median_fen: f - 150, source: ['settled', 'quoted', 'market'][i % 3], vs_median_pct: Math.round((f / 11200 - 1) * 100) } })
    return { product: p, days: 30, counties, province: { median_fen: 11200, p25_fen: 9800, p75_fen: 12600, branches: counties.length, count: 96, low_fen: 9000, high_fen: 14131 }, periods: prices(p.id).periods.map((x) => ({ ...x, own_fen: null })) }
  }
  const audit = () => [
    [330000, '省中心', 18204, 400, 'curator', 'product.change', '淳安无核柿', 'verified', 0], [330000, '省中心', 18203, 300, 'curator', 'proposal.decide', 'TY330127-202611-0009', 'verified', 1],
    [331081, '温岭市', 6410, 1100, 'officer', 'price.add', '松门白鲞', 'verified', 16], [330225, '象山县', 5188, -192000, 'officer', 'price.add', '象山梭子蟹', 'verified', 20], [331083, '玉环市', 3902, 600, 'officer', 'price.add', '玉环带鱼', 'fork', 31],
    [330182, '建德市', 4077, 500, 'officer', 'evaluation.add', '建德草莓', 'verified', 37], [331102, '莲都区', 2951, 200, 'system', 'security.event', '登录被拒·staff', 'verified', 48], [330824, '开化县', 3316, 700, 'officer', 'proposal.add', '开化清水鱼', 'quarantined', 1380], [330127, '淳安县', 4176, 9600000, 'officer', 'evaluation.add', '千岛湖鳙鱼', 'parked', 1873],
  ].map(([author, author_name, seq, gap, actor, action, title, state, min], i) => ({ pos: 1204910 - i * 7, author, author_name, lane: 0, epoch: 1, seq, action_title: '', reason: '', claimed_ms: start - min * MIN, received_ms: start - min * MIN + gap, actor, action, subject: title, title, state, early: gap < -1000, back: false }))
  function auditDetail(pos) {
    const a = audit().find((x) => x.pos === pos) ?? no(404, 'not_found')
    if (pos === 1204903) a.title = '已依法隐去：《个人信息保护法》第四十七条'
    return {
      ...a, rulings: S.rulings.get(pos) ?? [], changes: pos === 1204903 ? [] : [{ table: 'product', title: '产品', op: 'update', key: '17', fields: [{ name: 'product', title: '产品', before: '100', after: '109', ref: { kind: 'product', branch: null, before: '淳安无核柿', after: '舟山三疣梭子蟹' } }, { name: 'storage', title: '储存方式', before: '常温', after: '冷藏' }, { name: 'storage_note_zh', title: '储存说明', before: '预冷后 5~8℃ 冷藏，轻拿轻放防压伤', after: '预冷后 5~8℃ 冷藏，单层摆放，轻拿轻放防压伤' }, { name: 'rev', title: '版次', before: '8', after: '9' }] }],
      record_hex: '0101000508ff00000000000000010000000000004' + 'a71c53aa0e19c47f6b20e8b4d27c'.repeat(8), record_hash: '9c41e7d02b5a88f3' + '0'.repeat(44) + '1d06', prev_hash: '53aa0e19c47f6b20' + '0'.repeat(44) + 'e8b4', payload_size: 214, payload_sha256: 'c47f6b20e8b4d27c' + '0'.repeat(44) + '7c53', payload_hex: '54060001' + '7a'.repeat(100),
      checks: [{ name: 'signature', ok: true, detail: '' }, { name: 'chain', ok: a.state !== 'fork', detail: String(a.seq - 1) }, { name: 'payload', ok: true, detail: '214' }, { name: 'scope', ok: a.state === 'quarantined' ? false : a.state === 'parked' ? null : true, detail: '' }, { name: 'log', ok: true, detail: `第 ${a.pos} 位，检查点 1204911` }, { name: 'witnesses', ok: null, detail: '见证 61 个支行，要 64 个' }], key: { revoked_ms: null, epoch: 1, public_hex: 'ab12'.repeat(16), since_ms: start - 250 * 86400_000 }, withheld: pos === 1204903, schema: 1, signature_hex: null, change_count: 1, change_fault: null, reason: a.state === 'verified' ? '' : a.state,
    }
  }

  const checkpoint = () => ({ origin: '330000.sunlit/log', size: 1204911, root: 'q1Vq0uQ5j3m6m8yq2yJY0o0g0c3m5Yj0y1xF3S6b7hU=', signed_ms: start - 40_000 })
  const stream = (n, x = {}) => ({ seq: n, entries: n, missing: 0, repeats: 0, superseded: 0, whole: true, frozen_ms: null, frozen_reason: '', waiting_seq: null, claimed_ms: start - MIN, received_ms: start - MIN + 700, breaks: [], ...x })
  function auditBranches() {
    const odd = { 331083: { state: 'attention', reason: 'fork', forks: 1, own: stream(3902, { frozen_ms: start - 31 * MIN, frozen_reason: 'fork' }) }, 330225: { state: 'attention', reason: 'gap', early: 3, early_max_ms: 192_000, back: 1, skew_ms: 192_000, own: stream(5188, { entries: 5187, missing: 2, repeats: 1, whole: false, breaks: [{ pos: 1204882, seq: 5102, expected: 5100 }, { pos: 1204889, seq: 5102, expected: 5103 }] }) }, 330824: { state: 'attention', reason: 'quarantined', quarantined: 1 }, 330127: { state: 'attention', reason: 'parked', parked: 2, refused: 1, own: stream(4176, { waiting_seq: 4170 }) }, 330922: { state: 'offline', reason: 'silent', silent_ms: 77 * 3600_000, last_contact_ms: start - 77 * 3600_000 }, 330114: { state: 'unknown', reason: 'never', enrolled: false, keys: 0, own: stream(0), last_contact_ms: null, skew_ms: null, delay_median_ms: null, delay_max_ms: null, delay_max_pos: null } }
    const one = (author, author_name, x) => ({ author, author_name, state: 'synced', reason: '', enrolled: true, keys: author % 7 === 0 ? 2 : 1, own: stream(3000 + author % 1000), down: stream(12), last_contact_ms: start - MIN, silent_ms: null, delay_median_ms: 600 + author % 90 * 40, delay_max_ms: 9_600_000, delay_max_pos: 1204854, early: 0, early_max_ms: 0, back: 0, skew_ms: author % 5 * 100, quarantined: 0, parked: 0, forks: 0, refused: 0, ...x })
    const items = [one(330000, '浙江省中心', { own: stream(18204), down: stream(411), keys: 1, last_contact_ms: null, skew_ms: null }), ...branches(start).map((b) => one(b.code, b.name_zh, odd[b.code] ?? {}))]
    const tally = (st) => items.filter((x) => x.state === st).length
    return { now_ms: Date.now(), entries: 1204931, lag: 0, silent_after_ms: 48 * 3600_000, checkpoint: checkpoint(), counts: { attention: tally('attention'), offline: tally('offline'), unknown: tally('unknown'), synced: tally('synced') }, items, total: items.length }
  }
  const auditEvents = (q) => {
    const items = [[330000, '浙江省中心', 'export', '导出', 'auditor', 'audit.xlsx?author=330127&state=parked rows=2 log=1204911:ab556ad2 sha256=9c41e7d02b5a88f3', '10.1.2.9', 1, 3], [330000, '浙江省中心', 'read', '查阅审计', 'auditor', 'lists=4 rows=163 entries=31 pos=1204854..1204910 log=1204911:ab556ad2 last audit?q=JG330127-202611-0031', '10.1.2.9', 35, 12], [330127, '淳安县', 'account_role', '改角色', 'admin', 'canteen2 officer', '192.168.3.7', 1, 50], [331102, '莲都区', 'login', '登录被拒', 'staff', 'wrong name or password', '192.168.8.21', 7, 48], [330000, '浙江省中心', 'revoke', '吊销证书', 'admin', '331083 两份不同的记录', '', 1, 31]].map(([branch, branch_name, kind, kind_title, actor, detail, peer, count, min], i) => ({ branch, branch_name, id: i + 1, kind, kind_title, actor, detail, detail_title: detail, peer, count, at_ms: start - min * MIN, pos: 1204910 - i * 7 }))
    return { items: items.filter((e) => !q.get('branch') || String(e.branch) === q.get('branch')), total: items.length }
  }
  const asidePlace = (seq, pos) => ({ epoch: 1, seq, row: 1099511627776 + seq * 4096, pos: kind === 'hub' ? pos : null })
  const asides = () => {
    const own = kind === 'hub' ? { author: 330000, author_name: '浙江省中心' } : { author: 330127, author_name: '淳安县' }
    const of = (id, x) => ({ id, ...own, lane: 0, epoch: 1, seq: 4100 + id, record_hash: '7f3a19c2e05b8d4160b7aa7f3a19c2e05b8d4160b7aa7f3a19c2e05b8d4160b7', actor: kind === 'hub' ? 'curator' : 'officer', action: kind === 'hub' ? 'product.change' : 'price.correct', action_title: kind === 'hub' ? '改产品' : '更正价格', subject: '', title: '舟山三疣梭子蟹', tables: [kind === 'hub' ? '产品' : '价格'], made_ms: start - 1500 * MIN, aside_ms: start - 1400 * MIN, state: 'kept', reason: 'row_differs', reason_title: '要改的那一行和它看到的不一样', again: null, decided: null, retry: true, ...x })
    S.asides ??= [of(3, {}), ...(kind === 'hub' ? [of(2, { author: 330127, author_name: '淳安县', actor: 'officer', action_title: '记价格', title: '淳安无核柿 9.60 元', tables: ['价格'], reason: 'of_branch', reason_title: '是支行的记录，由支行再报来', retry: false })] : []), of(1, { state: 'again', reason: '', reason_title: '', again: asidePlace(4180, 1204700), title: '', retry: false })]
    return { items: S.asides, total: S.asides.length + (S.asidesMore ?? 0), open: S.asides.filter((x) => x.state !== 'again').length }
  }
  const quarantine = () => {
    const of = (state, x) => ({ ...audit().find((a) => a.state === state), waits: false, reason_title: '', detail: '', at_ms: start - 1380 * MIN, schema: 1, behind: 0, handled: null, ...x })
    const refused = of('quarantined', { reason: 'row_differs', reason_title: '要改的那一行和它看到的不一样', detail: 'product 109: rev is 9, the entry changed 7', handled: S.handled ?? null })
    const more = Array.from({ length: S.moreHeld ?? 0 }, (_, i) => ({ ...refused, pos: 1204700 - i }))
    return { schema: 1, total: 3 + more.length, items: [of('parked', { waits: true, reason: 'schema_newer', reason_title: '来自更新的程序，升级后自动记进', detail: 'schema 2 is newer than 1', schema: 2, behind: 12 }), refused, { ...refused, pos: 1204800, reason_title: '编号不属于这一条', detail: 'row 7 of price is not of this entry', handled: { pos: 1204903, at_ms: start - 40 * MIN, actor: 'curator' } }, ...more] }
  }
  function compared(note) {
    const said = note.includes('continues') || !note.includes('sunlit/log') ? (note.includes('sunlit/log') ? 'continues' : 'damaged') : ['forked', 'larger', 'foreign', 'unsigned', 'forged', 'same'].find((v) => note.includes(v)) ?? 'continues'
    const saved = said === 'damaged' ? null : { origin: said === 'foreign' ? '340000.sunlit/log' : '330000.sunlit/log', size: said === 'larger' ? 1300000 : 1180032, root: 'Zm9vYmFyYmF6cXV4cXV1eGNvcmdlZ3JhdWx0Z2FycGx5d2E=' }
    const ours = ['same', 'continues', 'larger', 'forked'].includes(said)
    return { verdict: said, saved, checkpoint: checkpoint(), fault: ours ? null : { kind: 'input', rule: { foreign: 'unknown_log', unsigned: 'no_signature', forged: 'bad_signature', damaged: 'note' }[said], field: 'note', text: 'the note has no signature lines after an empty line' }, file: ours ? 'sunlit.consistency.v1\n' : null, file_name: ours ? 'sunlit-consistency-1180032-1204911.txt' : null }
  }
  const behind = (q) => {
    const rows = branches(start).slice(0, 7).map((b, i) => ({ branch: b.code, branch_name: b.name_zh, branch_name_en: b.name_en, id: 1099511627776 + i * 4096, no: `${q.get('of') === 'score' ? 'PJ' : 'JG'}${b.code}-202611-00${10 + i}`, pos: 1204910 - i * 7, actor: 'officer', at_ms: start - i * 86400_000, ...(q.get('of') === 'score' ? { quality: 5 - i % 3, price: 4, delivery: 5, product_name: '舟山三疣梭子蟹' } : { price_fen: 11800 - i * 90, unit: 'kg', date: isoDate(start - i * 86400_000), source: 'settled' }) }))
    return { items: rows, total: rows.length, judged: q.get('of') === 'judgement' ? { price_fen: 118000, median_fen: 11950, branches: 7, at_ms: start - 30 * MIN, now_fen: 11530 } : null }
  }

  const match = (pattern, path) => {
    const a = pattern.split('/'); const b = path.split('/')
    if (a.length !== b.length) return null
    const params = []
    for (let i = 0; i < a.length; i++) { if (a[i].startsWith(':')) params.push(decodeURIComponent(b[i])); else if (a[i] !== b[i]) return null }
    return params
  }
  const server = createServer((req, res) => {
    const url = new URL(req.url, 'http://x')
    const chunks = []
    req.on('data', (c) => chunks.push(c))
    req.on('end', () => {
      const json = (code, body) => { res.writeHead(code, { 'Content-Type': 'application/json', 'Content-Security-Policy': CSP, 'Cache-Control': 'no-store' }); res.end(JSON.stringify(body)) }
      if (url.pathname.startsWith('/stand-in/')) { const [, , what, v] = url.pathname.split('/'); if (what === 'link') S.link = v; if (what === 'silent') S.silentUntil = Date.now() + Number(v) * 1000; if (what === 'refused') S.showRefused = v === '1'; if (what === 'login') S.account = v === '-' ? null : { name: v, role: v, must_change: false }; return json(200, {}) }
      if (url.pathname.startsWith('/api/v1/')) {
        if (Date.now() < S.silentUntil) return req.socket.destroy()
        const path = url.pathname.slice(8)
        const stray = strayParameter(req.method, `/${path}`, url.searchParams)
        if (stray) S.strays.push(`${req.method} ${path} has no ${stray}`)
        const [whose, where] = (req.headers['x-sunlit-account'] ?? (req.method === 'GET' ? url.searchParams.get('as') : null) ?? '').split('@')
        const others = Boolean(whose && S.account && whose !== S.account.name)
        if (!others && /\.xlsx$|\/bytes$/.test(path)) { S.taken.push(path); res.writeHead(200, { 'Content-Type': 'application/octet-stream' }); return res.end('PK') }
        const hit = routes.map(([m, p, f, code]) => ({ m, f, code, params: match(p, path) })).find((r) => r.params && r.m === req.method)
        if (!hit) return json(404, { error: { kind: 'input', rule: 'not_found', text: `no ${req.method} ${path}` } })
        if (!S.account && !['status', 'session', 'login'].includes(path)) return json(401, { error: { kind: 'denied', rule: S.ended ?? 'login_required', text: 'log in first' } })
        if (req.method !== 'GET' && req.headers['x-sunlit'] !== '1') return json(403, { error: { kind: 'denied', rule: 'csrf', text: 'X-Sunlit is missing' } })
        S.waited = req.headers['x-sunlit-waited'] ?? null
        if (where && where !== site.id) return json(409, { error: { kind: 'conflict', rule: 'another_site', field: 'X-Sunlit-Account', text: 'another site' } })
        if (others) return json(409, { error: { kind: 'conflict', rule: 'other_account', field: 'X-Sunlit-Account', text: 'another account', params: { named: whose, session: S.account.name } } })
        if (req.method !== 'GET' && S.account && !whose && path !== 'login') return json(403, { error: { kind: 'denied', rule: 'csrf', text: 'X-Sunlit-Account is missing' } })
        const key = req.headers['idempotency-key']
        const body = `${path} ${Buffer.concat(chunks).toString('base64')}`
        if (key && S.answered.has(key)) { const [code, out, first] = S.answered.get(key); return first === body ? json(code, out) : json(409, { error: { kind: 'conflict', rule: 'key_reused', field: 'Idempotency-Key', text: 'another body' } }) }
        try {
          const raw = Buffer.concat(chunks); const isJson = (req.headers['content-type'] ?? '').startsWith('application/json')
          const out = hit.f(url.searchParams, isJson && raw.length ? JSON.parse(raw) : raw, ...hit.params)
          if (key) S.answered.set(key, [hit.code ?? 200, out?.password ? { ...out, password: null } : out, body])      // a secret is in one answer
          return json(hit.code ?? 200, out)
        } catch (e) {
          if (e instanceof No) return json(e.code, { error: e.faults[0], errors: e.faults, ...e.body })
          console.error(e); return json(500, { error: { kind: 'io', rule: 'unknown', text: String(e) } })
        }
      }
      const path = extname(url.pathname) ? url.pathname : '/index.html'
      const bytes = page(path, S.upgraded)
      if (!bytes) return json(404, { error: { kind: 'missing', rule: 'path', text: path } })
      res.writeHead(200, { 'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream', 'Content-Security-Policy': CSP, 'Cache-Control': path.startsWith('/assets/') ? 'max-age=31536000, immutable' : 'no-cache' })
      res.end(bytes)
    })
  })
  server.keepAliveTimeout = 0               // a slow browser asks on a line that was quiet for long
  return { server, state: S, site, upgrade: () => { S.upgraded = true }, listen: (port) => new Promise((ok) => server.listen(port, '127.0.0.1', () => ok(server.address().port))), close: () => new Promise((ok) => { server.closeAllConnections(); server.close(ok) }) }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const port = await standin(process.argv[2] ?? 'node').listen(Number(process.argv[3] ?? 20201))
  console.log(`http://127.0.0.1:${port}`)
}
