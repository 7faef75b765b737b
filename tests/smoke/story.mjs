// story.mjs DIR PORT COUNTY... - the outage story, played on a province that ./quickstart has started: the line of one
// county is cut, a price is recorded there, the line is mended, and the price is followed to the province's board, its
// comparison and its audit trail; then the province corrects a product and every county sees it.
//
// One line a step with what was seen.  Exit 0 when all of it was seen, 1 at the first step that was not.
import { createHash, createPublicKey, randomBytes, verify } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Refused, Site, until } from './site.mjs'

const [dir, port, ...codes] = process.argv.slice(2)
const ca = readFileSync(join(dir, 'hub/keys/ca.crt'))
const hub = new Site(Number(port), ca)
const counties = codes.map((code, i) => ({ code: Number(code), site: new Site(Number(port) + 1 + i, ca) }))
const [county, ...others] = counties
const cutFile = join(dir, 'lines', `${county.code}.cut`)
const oneTime = (name) => readFileSync(join(dir, `${name}.password`), 'utf8').trim()
// A new password, kept beside the data for the stories that follow.
const secret = (name, account = 'admin') => {
  const password = randomBytes(12).toString('base64url')
  writeFileSync(join(dir, `${name}.account`), `${account}\n${password}\n`, { mode: 0o600 })
  return password
}

const equal = (what, seen, wanted) => {
  if (seen !== wanted) throw new Error(`${what} is ${JSON.stringify(seen)}, not ${JSON.stringify(wanted)}`)
}
const today = () => new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai' }).format(new Date())
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()

const steps = []
const step = (title, play) => steps.push({ title, play })
const story = {}

step('省中心和三个县已启动,数据一致 the province and three counties are up and current', async () => {
  story.products = (await hub.get('/status')).catalogue.products
  for (const { code, site } of counties) {
    const status = await until(`county ${code} current`, 60, async (seen) => {
      const status = await site.get('/status')
      seen({ state: status.state, products: status.catalogue.products })
      return status.state === 'synced' && status.catalogue.products === story.products && status
    })
    equal('code', status.code, code)
  }
  return `${story.products} products in each county`
})

step('一次性口令必须先更换 one-time passwords are replaced before anything else', async () => {
  await hub.post('/login', { name: 'admin', password: oneTime('hub') })
  const refused = await hub.get('/catalogue').catch((error) => error)
  if (!(refused instanceof Refused) || refused.rule !== 'must_change_password') throw new Error(`catalogue before: ${refused}`)
  await hub.post('/logout')
  await hub.firstLogin('admin', oneTime('hub'), secret('hub'))
  for (const { code, site } of counties) await site.firstLogin('admin', oneTime(code), secret(code))
  return `refused before: ${refused.rule}`
})

step('县里给后勤干部开账号 the county gives its logistics officer an account', async () => {
  const made = await county.site.post('/accounts', { name: 'officer', role: 'officer' })
  await county.site.post('/logout')
  const account = await county.site.firstLogin('officer', made.password, secret(county.code, 'officer'))
  equal('role', account.role, 'officer')
  return `${account.name}, ${account.role}`
})

step('这个县的线路断了 the line of the county is cut', async () => {
  // What the accounts left behind is sent first, so that later only the price is waiting.
  await until('nothing pending', 30, async () => (await county.site.get('/status')).pending === 0)
  writeFileSync(cutFile, '')
  const status = await until('the node knows that it is offline', 60, async (seen) => {
    const status = await county.site.get('/status')
    seen(status.state)
    return status.state === 'offline' && status
  })
  return `${county.code} says ${status.state}, line ${status.link.state}`
})

step('断网时按拼音首字母查到产品 cut off, the officer finds a product by its pinyin initials', async () => {
  const list = await county.site.get('/catalogue?q=qdhyy&limit=5')
  story.product = list.items[0]
  if (!story.product) throw new Error('nothing found')
  return `${story.product.name_zh}, ${story.product.origin_name}`
})

step('断网时记录一个价格 cut off, the officer records a price', async () => {
  const saved = await county.site.post('/prices', {
    product: story.product.id, price_fen: 2680, qty: 40, source: 'market', date: today(), note: '断网期间记录',
  })
  equal('place', saved.place.at, 'branch')
  story.price = saved
  return `${saved.no}, saved at the ${saved.place.at}`
})

step('已存在支行,待上报 it is saved at the branch and pending', async () => {
  const status = await county.site.get('/status')
  const sync = await county.site.get('/sync')
  equal('pending', status.pending, 1)
  equal('pending on the sync page', sync.pending.count, 1)
  return `state ${status.state}, pending ${sync.pending.count}: ${sync.pending.items[0].title}`
})

step('省里还没有 the province does not have it', async () => {
  const { counties: rows } = await hub.get(`/compare/${story.product.id}`)
  equal('counties in the comparison', rows.length, 0)
  const row = await until('the board knows', 30, async (seen) => {
    const row = (await hub.get('/board')).branches.find((branch) => branch.code === county.code)
    seen(row?.state)
    return row?.state === 'offline' && row
  })
  return `no county compared; the board says ${row.state}`
})

step('线路恢复,省里已收到 the line is mended and the price is received', async () => {
  rmSync(cutFile)
  const price = await until('received', 60, async (seen) => {
    const price = await county.site.get(`/prices/${story.price.id}`)
    seen(price.place)
    return price.place.at === 'province' && price
  })
  const status = await until('current again', 30, async (seen) => {
    const status = await county.site.get('/status')
    seen(status.state)
    return status.state === 'synced' && status
  })
  equal('pending', status.pending, 0)
  return `${price.no}, received by the ${price.place.at}; state ${status.state}`
})

step("省中心看板上已更新 it is on the province's board", async () => {
  const row = await until('the board is current', 30, async (seen) => {
    const row = (await hub.get('/board')).branches.find((branch) => branch.code === county.code)
    seen(row)
    return row?.state === 'synced' && row.pending === 0 && row
  })
  return `${row.name_zh} ${row.state}, pending ${row.pending}, at entry ${row.seq}`
})

step('出现在各县比价中,只有一条 it is in the comparison of counties, once', async () => {
  const { counties: rows } = await hub.get(`/compare/${story.product.id}`)
  equal('counties in the comparison', rows.length, 1)
  equal('branch', rows[0].branch, county.code)
  equal('price', rows[0].last_fen, 2680)
  equal('prices', rows[0].count, 1)
  return `${rows[0].name} ${(rows[0].last_fen / 100).toFixed(2)} 元/${story.product.unit}`
})

step('出现在审计记录中,已解读并核验 it is in the audit trail, decoded and verified', async () => {
  const items = await until('entry found by its number', 15, async (seen) => {
    const { items } = await hub.get(`/audit?q=${story.price.no}&author=${county.code}`)
    seen(items)
    return items.length > 0 && items
  })
  equal('entries found', items.length, 1)
  const entry = await until('signature seen', 15, async (seen) => {
    const entry = await hub.get(`/audit/${items[0].pos}`)
    seen(entry.checks)
    // Whatever is checked holds, or has its time still to come (counties as witnesses of the log); these hold now.
    const holds = (name) => entry.checks.find((check) => check.name === name)?.ok === true
    return entry.checks.every((check) => check.ok !== false) && ['signature', 'chain', 'payload', 'scope'].every(holds) && entry
  })
  equal('state', entry.state, 'verified')
  equal('actor', entry.actor, 'officer')
  const change = entry.changes.find((one) => one.table === 'price')
  if (!change) throw new Error(`no price among ${entry.changes.map((one) => one.table)}`)
  const fen = change.fields.find((field) => field.name === 'price_fen')
  story.entry = entry
  return `entry ${entry.seq} of ${entry.author_name}: ${change.title}, ${fen.title} ${fen.after}; ${entry.checks.filter((check) => check.ok).map((check) => check.name).join(', ')} hold`
})

step('不靠省中心,用原始字节证明同一件事 its bytes prove the same without the province', async () => {
  const { bytes, status } = await hub.raw('GET', `/api/v1/audit/${story.entry.pos}/bytes`)
  equal('status', status, 200)
  let at = 0
  const take = (size) => bytes.subarray(at, (at += size))
  const record = take(take(2).readUInt16BE())
  const signature = take(take(1).readUInt8())
  const payload = take(take(4).readUInt32BE())
  equal('bytes left over', bytes.length - at, 0)
  const hash = sha256('sunlit.record.v1\n', record)
  equal('record hash', hash.toString('hex'), story.entry.record_hash)
  equal('payload hash', sha256(payload).toString('hex'), story.entry.payload_sha256)
  if (signature.length === 0) return 'record and payload hashed again; signed by a later entry of its chain'
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.from(story.entry.key.public_hex, 'hex')])
  const key = createPublicKey({ key: spki, format: 'der', type: 'spki' })
  equal('signature', verify(null, Buffer.concat([Buffer.from('sunlit.head.v1\n'), hash]), key, signature), true)
  return 'record and payload hashed again, Ed25519 signature verified here'
})

step('省里更正一个产品,各县都看到 the province corrects a product and every county sees it', async () => {
  const before = await hub.get(`/products/${story.product.id}`)
  const note = `冰鲜0~4℃,当日验收(${randomBytes(2).toString('hex')})`
  const { rev } = await hub.patch(`/products/${before.id}`, { rev: before.rev, storage_note_zh: note })
  const stale = await hub.patch(`/products/${before.id}`, { rev: before.rev, storage_note_zh: '晚到的修改' }).catch((error) => error)
  equal('a late correction', stale.rule, 'stale')
  for (const { code, site } of counties)
    await until(`county ${code} has it`, 30, async (seen) => {
      const product = await site.get(`/products/${before.id}`)
      seen({ rev: product.rev, note: product.storage_note_zh })
      return product.storage_note_zh === note && product.rev === rev
    })
  return `revision ${before.rev} to ${rev} in ${counties.length} counties; a late one is ${stale.rule}`
})

step('没有哪个县拿到别县的数据 no county got another county’s rows', async () => {
  for (const { code, site } of others) equal(`prices in ${code}`, (await site.get(`/prices?product=${story.product.id}`)).total, 0)
  return `${others.map((other) => other.code).join(' and ')}: no price of ${county.code}`
})

let code = 0
for (const { title, play } of steps) {
  const start = Date.now()
  try {
    const seen = await play()
    console.log(`ok    ${((Date.now() - start) / 1000).toFixed(1).padStart(5)} s  ${title}: ${seen}`)
  } catch (error) {
    console.log(`FAIL  ${((Date.now() - start) / 1000).toFixed(1).padStart(5)} s  ${title}: ${error.message}`)
    code = 1
    break
  }
}
for (const site of [hub, ...counties.map((one) => one.site)]) site.close()
console.log(code ? 'the story broke off' : `${steps.length} of ${steps.length} seen`)
process.exitCode = code
