// outage.mjs BUILD - the whole story in a browser, on real programs: a county is cut off and works on, the line is mended,
// the province sees it, proves it, decides, and every county has the decision; a county is revoked; a role keeps somebody out.
//
// Every page on the way is looked at as visitor.mjs does it; pictures go to build/e2e.  One line a step.  Exit 0 when all was
// seen and nothing was found.   E2E_PORT=N: ports from N on (20700)   E2E_QUICK=1: the story without looking at its pages
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Caller, COUNTIES, Province, until } from './province.mjs'
import { Findings, Visitor } from './visitor.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const build = resolve(process.argv[2] ?? join(root, 'build/dev'))
const pictures = join(root, 'build/e2e')
const app = join(root, 'webui/app')
const playwright = createRequire(join(app, 'package.json'))('playwright-core')
const [COUNTY, SECOND, THIRD] = COUNTIES
const SECRET = 'plain water keeps 2026'
const NOTE = '活水充氧运输，到货两小时内入池'
const REJECTED = '规格按公斤记，不按条'

const province = new Province(build, join(pictures, 'data'))
const findings = new Findings()
const story = {}
const open = []
let browser

const visit = async (site, who, options) => {
  const visitor = await Visitor.open(browser, province.url(site), who, findings, options)
  open.push(visitor)
  return visitor
}
const call = async (site) => {
  const caller = await Caller.open(playwright, province.url(site))
  open.push(caller)
  return caller
}
const equal = (what, seen, wanted) => {
  if (seen !== wanted) throw new Error(`${what} is ${JSON.stringify(seen)}, not ${JSON.stringify(wanted)}`)
}
const login = async (visitor, name, password) => {
  await visitor.sees('#password')
  await visitor.fill('#name', name)
  await visitor.fill('#password', password)
  await visitor.click('button[type=submit]')
}
const newPassword = async (visitor, old, next) => {
  await visitor.sees('#repeat')
  for (const [field, text] of [['#old', old], ['#new', next], ['#repeat', next]]) await visitor.fill(field, text)
  await visitor.click('button[type=submit]')
}
const choose = (visitor, name, value) => visitor.page.locator(`input[name="${name}"][value="${value}"]`).check({ force: true })
const today = () => new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai' }).format(new Date())

const steps = []
const step = (title, play) => steps.push({ title, play })

step('a province and three counties start and are current', async () => {
  await province.start()
  for (const code of COUNTIES) story[code] = await call(code)
  story.hub = await call('hub')
  const wanted = (await story.hub.must('GET', 'status')).catalogue.products
  for (const code of COUNTIES) {
    await until(`${code} is current`, 30, async (seen) => {
      const status = await story[code].must('GET', 'status')
      seen({ state: status.state, products: status.catalogue.products })
      return status.state === 'synced' && status.catalogue.products === wanted
    })
  }
  return `${wanted} products in each`
})

step('the other two counties have recorded prices, so that the province has a median', async () => {
  for (const [code, fen] of [[SECOND, 2400], [THIRD, 2800]]) {
    await story[code].firstLogin('admin', province.oneTime[code], SECRET)
    story.product ??= (await story[code].must('GET', 'catalogue?q=qdhyy&limit=5')).items[0]
    await story[code].must('POST', 'prices', { product: story.product.id, price_fen: fen, source: 'market', date: today() })
  }
  return `${story.product.name_zh} ${story.product.id}`
})

step('a one-time password lets nobody past the change of it', async () => {
  const admin = story.admin = await visit(COUNTY, 'administrator')
  await admin.go('/')
  await admin.sees('h1', '阳光后勤')
  await admin.look('login')
  admin.refused.add(401)
  await login(admin, 'admin', 'not the password')
  await admin.sees('.errors', '账号或密码不对')
  admin.refused.delete(401)
  await login(admin, 'admin', province.oneTime[COUNTY])
  await admin.sees('h1', '先换掉临时密码')
  await admin.page.goto('/catalogue')
  await admin.sees('h1', '先换掉临时密码')
  await admin.look('first-password')
  const refused = await admin.ask('GET', 'catalogue')
  equal('the interface', refused.rule, 'must_change_password')
  await newPassword(admin, province.oneTime[COUNTY], SECRET)
  return admin.sees('h1', '等我办的')
})

step('the county has an officer and a member of staff', async () => {
  const admin = story.admin
  await admin.look('home')
  await admin.go('/me')
  await admin.look('me')
  await admin.click('a', '账号和角色')
  await admin.sees('.people li')
  await admin.click('button', '新增账号')
  await admin.fill('#name', 'officer')
  await choose(admin, 'role', 'officer')
  await admin.look('account-new', { other: false })
  await admin.click('button[type=submit]')
  const oneTime = await admin.sees('.once .secret')
  await admin.look('account-made', { other: false })
  const staff = await admin.ask('POST', 'accounts', { name: 'staff', role: 'staff' })
  story.staffOneTime = staff.body.password
  await admin.close()
  const officer = story.officer = await visit(COUNTY, 'officer')
  await officer.go('/')
  await login(officer, 'officer', oneTime)
  await newPassword(officer, oneTime, SECRET)
  return officer.sees('h1', '等我办的')
})

step('the line of the county is cut, and the header says so', async () => {
  const officer = story.officer
  equal('a third price', (await officer.ask('POST', 'prices', { product: story.product.id, price_fen: 2600, source: 'market', date: today() })).status, 201)
  await until('the median of three branches has come', 30, async (seen) => {
    const { body } = await officer.ask('GET', `products/${story.product.id}`)
    seen(body.province ?? null)
    return body.province?.branches === 3
  })
  await officer.sees('.chip[data-state=synced]', '已同步')
  province.cut(COUNTY)
  const said = await officer.sees('.chip[data-state=offline]', '断网')
  await officer.sees('.strip, .note, [data-state=offline]', '连不上省中心')
  await officer.look('home-cut')
  return said
})

step('cut off, a product is found by the initials of its pinyin', async () => {
  const officer = story.officer
  await officer.go('/catalogue', '.catalogue .product')
  await officer.look('catalogue')
  await officer.fill('input[type=search]', 'qdhyy')
  await officer.sees('.catalogue mark')
  const found = await officer.sees('.catalogue .product', story.product.name_zh)
  await officer.look('search')
  await officer.click('.catalogue .product', story.product.name_zh)
  await officer.sees('h1', story.product.name_zh)
  await officer.look('product')
  return found
})

const priced = async (visitor, id, price) => {
  await visitor.go(`/catalogue/${id}/price`, '#price_fen')
  await visitor.fill('#price_fen', price)
  await choose(visitor, 'source', 'settled')
}

step('cut off, a price is recorded and saved at the branch', async () => {
  const officer = story.officer
  await officer.sees('.acts a', '记一次价格')
  await officer.click('.acts a', '记一次价格')
  await officer.sees('#price_fen')
  await officer.look('price')
  await officer.fill('#price_fen', '26.80')
  await choose(officer, 'source', 'settled')
  await officer.fill('#qty', '40')
  await officer.click('button[type=submit]')
  await officer.sees('.stations')
  const said = await officer.sees('h1', '已存本行')
  story.priceNo = /JG\d{6}-\d{6}-\d{4}/.exec(await officer.sees('dl.pairs'))?.[0]
  await officer.sees('.place[data-at=branch]', '已存本行')
  await officer.sees('.stations', '省中心未收')
  await officer.look('price-saved')
  return `${said} ${story.priceNo}`
})

step('a price far from the median is doubted, explained and saved', async () => {
  const officer = story.officer
  await priced(officer, story.product.id, '268')
  await officer.click('button[type=submit]')
  const doubt = await officer.sees('.warn', '倍')
  await officer.look('price-doubt', { other: false })
  const refused = await story[SECOND].ask('POST', 'prices', { product: story.product.id, price_fen: 26800, source: 'market', date: today() })
  equal('the interface', `${refused.status} ${refused.rule}`, '422 outlier')
  await officer.click('.warn button', '没有错')
  await officer.fill('#note', '节前礼盒装，含冰袋和箱')
  await officer.click('button[type=submit]')
  await officer.sees('h1', '已存本行')
  return doubt
})

step('a delivery is rated and two corrections are proposed', async () => {
  const officer = story.officer
  await officer.go(`/catalogue/${story.product.id}/rate`, '.stars')
  await officer.look('rate')
  for (const [mark, value] of [['quality', 5], ['price', 4], ['delivery', 4]]) await choose(officer, mark, value)
  await officer.fill('#remark', '个头匀，活的到的')
  await officer.click('button[type=submit]')
  await officer.sees('.records li', '个头匀')
  await officer.look('evaluations')
  await officer.go(`/catalogue/${story.product.id}/correct`, '#storage_note_zh')
  await officer.fill('#storage_note_zh', NOTE)
  await officer.page.selectOption('#unit', 'piece')
  await officer.fill('#reason', '水产公司上周改了运输办法，到货按条点数')
  await officer.look('correct', { other: false })
  await officer.click('button[type=submit]')
  const said = await officer.sees('.records li', story.product.name_zh)
  await officer.look('proposals-cut')
  return said
})

step('all of it waits on the sync page', async () => {
  const officer = story.officer
  await officer.go('/sync', '.pend')
  equal('waiting', await officer.page.locator('.pend').count(), 4)
  const said = await officer.sees('.pend .place', '已存本行')
  await officer.look('sync-cut')
  return `4 ${said}`
})

step('the line is mended and the province has received it', async () => {
  const officer = story.officer
  await province.mend(COUNTY)
  await officer.click('button', '现在重试')
  await officer.sees('.chip[data-state=synced]', '已同步')
  await officer.sees('.empty', '都已报省中心')
  await officer.look('sync-up')
  await officer.go('/records', '.records li')
  await officer.sees('.records li', story.product.name_zh)
  equal('received', await officer.page.locator('.records li .place[data-at=province]').count(), 3)
  await officer.sees('.records li', '等省中心的人看')
  await officer.look('records')
  return officer.sees('.records li .place', '省中心已收')
})

step('the province logs in at a desk and its board shows the county', async () => {
  const admin = story.hubAdmin = await visit('hub', 'province', { desk: true })
  await admin.go('/')
  await admin.look('hub-login')
  await login(admin, 'admin', province.oneTime.hub)
  await newPassword(admin, province.oneTime.hub, SECRET)
  await admin.sees('.board-table tbody tr', '淳安')
  for (const role of ['curator', 'auditor']) {
    const { body } = await admin.ask('POST', 'accounts', { name: role, role })
    const caller = await call('hub')
    await caller.firstLogin(role, body.password, SECRET)
  }
  const said = await admin.sees(`#b-${COUNTY}`, '已同步')
  await admin.look('board')
  return said
})

step('the proposal lies side by side, and is accepted by field', async () => {
  const curator = story.curator = await visit('hub', 'curator', { desk: true })
  await curator.go('/review')
  await login(curator, 'curator', SECRET)
  await curator.sees('.queue li', story.product.name_zh)
  await curator.sees('table.review', NOTE)
  await curator.sees('.state, [data-state=synced]', '签名已验证')
  await curator.look('review')
  await choose(curator, 'c-unit', 'rejected')
  await curator.fill('#reason', REJECTED)
  await curator.look('review-part', { other: false })
  await curator.click('button.main', '接受 1 项，不接受 1 项')
  await curator.sees('dialog', REJECTED) // it is said once more before it is signed
  await curator.click('dialog button.main', '接受 1 项，不接受 1 项')
  const said = await curator.sees('[role=status]', '决定已记下')
  await curator.sees('.empty', '没有待审的')
  await curator.look('review-empty')
  await curator.click('button.pill', '已决定')
  await curator.click('.queue a', story.product.name_zh)
  await curator.sees('table.review', NOTE)
  await curator.look('review-decided', { other: false })
  return said
})

step('the comparison of counties has the price', async () => {
  const curator = story.curator
  await curator.go(`/catalogue/${story.product.id}/edit`, '#storage_note_zh')
  await curator.look('editor')
  await curator.click('a', '比价')
  const said = await curator.sees('.compare tbody tr', '淳安')
  equal('counties', await curator.page.locator('.compare tbody tr').count(), 3)
  await curator.look('compare')
  return said
})

step('the audit trail has the entry, decoded, and every check has passed', async () => {
  const curator = story.curator
  await curator.go('/audit', '.list tbody tr')
  await curator.look('audit')
  await curator.fill('#a-q', story.priceNo)
  await until('one entry is left', 15, async (seen) => {
    const rows = await curator.page.locator('.list tbody tr').count()
    seen(rows)
    return rows === 1
  })
  await curator.click('.list tbody tr a')
  await curator.sees('.proofs li')
  const proofs = await curator.page.locator('.proofs li').evaluateAll((all) => all.map((one) => `${one.dataset.state} ${one.querySelector('b').textContent}`))
  if (!proofs.length || proofs.some((one) => !one.startsWith('synced '))) throw new Error(`not proved: ${proofs.join(', ')}`)
  await curator.sees('table.diff', '26.80')
  await curator.look('audit-entry')
  return proofs.join(', ')
})

step('the county has the decision and the changed product', async () => {
  const officer = story.officer
  await officer.go('/', 'h1')
  await officer.sees('a.task', '接受了 1 项')
  await officer.look('home-answered')
  await officer.go('/records/proposals', '.records li')
  await officer.sees('.records li', '部分接受')
  await officer.look('proposals')
  await officer.click('.records li a', story.product.name_zh)
  const said = await officer.sees('section.result', REJECTED)
  await officer.look('proposal')
  await officer.go(`/catalogue/${story.product.id}`, 'h1')
  await officer.sees('.hero', NOTE)
  return said
})

step('the other two counties have the changed product, in English', async () => {
  const second = await visit(SECOND, 'second county', { desk: true, lang: 'en' })
  await second.go('/login')
  await login(second, 'admin', SECRET)
  await second.sees('.chip[data-state=synced]', 'In sync')
  await second.go(`/catalogue/${story.product.id}`, 'h1')
  await second.sees('.hero', NOTE)
  await second.look('second-product')
  const third = story.third = await visit(THIRD, 'third county', { lang: 'en' })
  await third.go('/login')
  await login(third, 'admin', SECRET)
  await third.sees('.chip[data-state=synced]', 'In sync')
  await third.go(`/catalogue/${story.product.id}`, 'h1')
  await third.sees('.hero', NOTE)
  const { body } = await third.ask('GET', `prices?product=${story.product.id}`)
  equal('prices of its own only', body.total, 1)
  return third.sees('h1')
})

step('a revoked county is cut off, is told so, and works on', async () => {
  const { hubAdmin, third } = story
  await hubAdmin.go('/branches', '.enrol tbody tr')
  await hubAdmin.fill('#e-q', THIRD)
  await hubAdmin.click('.enrol .danger')
  await hubAdmin.sees('dialog[open]')
  await hubAdmin.look('revoke', { other: false })
  await hubAdmin.fill('#revoke-reason', '节点失窃')
  await hubAdmin.click('dialog button.danger')
  await hubAdmin.sees('[role=status]', '证书已吊销')
  await hubAdmin.look('branches')
  await third.sees('.chip:not([data-state=synced])')
  await third.go('/sync', '.hops, .log')
  const said = await third.sees('.note', 'revoked')
  await third.look('sync-revoked')
  await priced(third, story.product.id, '27.50')
  await third.click('button[type=submit]')
  await third.sees('.stations')
  await third.sees('.place[data-at=branch]')
  await third.look('price-revoked')
  await hubAdmin.go('/', '.board-table')
  await hubAdmin.sees(`#b-${THIRD}`, '证书已吊销')
  await hubAdmin.look('board-revoked')
  return said
})

step('staff see no accounts and record no prices', async () => {
  const staff = await visit(COUNTY, 'staff')
  await staff.go('/')
  await login(staff, 'staff', story.staffOneTime)
  await newPassword(staff, story.staffOneTime, SECRET)
  await staff.sees('h1', '等我办的')
  await staff.go('/me', 'h1')
  await staff.seesNot('a', '账号和角色')
  await staff.go(`/catalogue/${story.product.id}`, 'h1')
  await staff.sees('.acts a', '评价')
  await staff.seesNot('.acts a', '记一次价格')
  await staff.look('product-staff')
  await staff.go('/accounts', 'h1')
  const said = await staff.sees('h1', '这里要别的角色')
  await staff.look('forbidden')
  const price = { product: story.product.id, price_fen: 2600, source: 'market', date: today() }
  for (const [method, path, body] of [['GET', 'accounts'], ['POST', 'accounts', { name: 'other', role: 'admin' }], ['POST', 'prices', price]]) {
    const { status, rule } = await staff.ask(method, path, body)
    equal(`${method} ${path}`, `${status} ${rule}`, '403 role')
  }
  return said
})

step('the auditor reads everything and changes nothing', async () => {
  const auditor = await visit('hub', 'auditor', { desk: true })
  await auditor.go('/')
  await login(auditor, 'auditor', SECRET)
  await auditor.sees('.board-table')
  await auditor.seesNot('main a.button', '邀请支行')
  await auditor.go('/catalogue', '.catalogue .product')
  await auditor.seesNot('main a', '新增产品')
  await auditor.go(`/catalogue/${story.product.id}`, 'h1')
  await auditor.seesNot('main form')
  await auditor.look('product-auditor')
  await auditor.go('/branches', '.enrol tbody tr')
  await auditor.seesNot('.enrol tbody button')
  await auditor.look('branches-auditor')
  await auditor.go('/accounts', '.people li')
  await auditor.seesNot('.people button')
  await auditor.seesNot('main button', '新增账号')
  await auditor.look('accounts-auditor')
  const { rev } = (await auditor.ask('GET', `products/${story.product.id}`)).body
  const tries = [
    ['PATCH', `products/${story.product.id}`, { rev, storage_note_zh: '不该成' }], ['POST', 'invites', { branch: 330106 }],
    ['POST', `branches/${SECOND}/revoke`, { reason: '不该成', epoch: 1 }], ['POST', 'accounts', { name: 'other', role: 'admin' }],
  ]
  for (const [method, path, body] of tries) {
    const { status, rule } = await auditor.ask(method, path, body)
    equal(`${method} ${path}`, `${status} ${rule}`, '403 role')
  }
  await auditor.go('/audit', '.list tbody tr')
  return auditor.sees('.list tbody tr')
})

const play = async ({ title, play }) => {
  const start = Date.now()
  try {
    const seen = await play()
    console.log(`ok    ${((Date.now() - start) / 1000).toFixed(1).padStart(5)} s  ${title}: ${seen ?? ''}`)
    return true
  } catch (error) {
    console.log(`FAIL  ${((Date.now() - start) / 1000).toFixed(1).padStart(5)} s  ${title}: ${error.message}`)
    for (const [i, one] of open.entries()) await one.page?.screenshot({ path: join(pictures, `FAILED-${i}-${one.who}.png`), fullPage: true }).catch(() => undefined)
    return false
  }
}

if (!existsSync(join(build, 'hub/sunlit-hub'))) throw new Error(`${build} has no programs: ninja -C ${build} sunlit-hub sunlit-node sunlit-line`)
rmSync(pictures, { recursive: true, force: true })
mkdirSync(pictures, { recursive: true })
Visitor.prepare(app, pictures)
const begun = Date.now()
let seen = 0
try {
  browser = await playwright.chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
  for (const one of steps) {
    if (!(await play(one))) break
    seen++
  }
} finally {
  for (const one of open) await one.close().catch(() => undefined)
  await browser?.close()
  for (const bad of await province.stop()) findings.add('programs', bad)
}
for (const name of ['hub', ...COUNTIES]) {
  const log = join(pictures, 'data/log', name)
  for (const line of existsSync(log) ? readFileSync(log, 'utf8').split('\n') : []) if (/^<[0-3]>|Sanitizer|panic/.test(line)) findings.add(name, line)
}
console.log(`${seen} of ${steps.length} steps seen, ${findings.all.length} findings, ${Visitor.count} looks, ${Math.round((Date.now() - begun) / 1000)} s; pictures in build/e2e`)
process.exitCode = seen === steps.length && findings.all.length === 0 ? 0 : 1
