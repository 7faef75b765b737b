// ask.mjs DIR PORT NAME METHOD PATH [BODY|-] [FIELD] - one question to a running program, as a page would ask it.
//
// The account is the one in DIR/NAME.account, a one-time password is replaced; its session is kept in DIR/NAME.session.  Prints the answer's bytes, or one
// field of it.  /log is asked without login, everything else stands under /api/v1.
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Site } from './site.mjs'

const [dir, port, name, method, path, body = '-', field] = process.argv.slice(2)
const site = new Site(Number(port), readFileSync(join(dir, 'hub/keys/ca.crt')))
const session = join(dir, `${name}.session`)

async function login() {
  const [account, password] = readFileSync(join(dir, `${name}.account`), 'utf8').trim().split('\n')
  const { account: known } = await site.post('/login', { name: account, password })
  if (known.must_change) {
    const next = randomBytes(12).toString('base64url')
    await site.post('/password', { old: password, new: next })
    writeFileSync(join(dir, `${name}.account`), `${account}\n${next}\n`, { mode: 0o600 })
  }
  writeFileSync(session, site.cookie, { mode: 0o600 })
}

try {
  const open = path.startsWith('/log/')
  const ask = () => site.raw(method, open ? path : `/api/v1${path}`, body === '-' ? undefined : JSON.parse(body))
  try {
    site.cookie = readFileSync(session, 'utf8')
  } catch {
    if (!open) await login()
  }
  let answer = await ask()
  if (answer.status === 401) {
    await login()
    answer = await ask()
  }
  if (answer.status >= 400) throw new Error(`${answer.status} ${answer.bytes.toString('utf8').slice(0, 300)}`)
  const seen = field === undefined ? answer.bytes : field.split('.').reduce((at, key) => at?.[key], JSON.parse(answer.bytes))
  process.stdout.write(Buffer.isBuffer(seen) || typeof seen === 'string' ? seen : JSON.stringify(seen) ?? '')
} catch (error) {
  console.error(`ask: ${method} ${path}: ${error.message}`)
  process.exitCode = 1
}
site.close()
