// site.mjs - one running program, spoken to over HTTPS as its pages do: certificate checked, cookie kept, every change
// with the header and the idempotency key that the interface asks for.
import { randomUUID } from 'node:crypto'
import https from 'node:https'

export class Refused extends Error {
  constructor(method, path, status, fault) {
    super(`${method} ${path}: ${status} ${fault?.rule ?? ''} ${fault?.field ?? ''} ${fault?.text ?? ''}`)
    this.status = status
    this.rule = fault?.rule
  }
}

export class Site {
  // ca: PEM of the authority that issued the program's certificate.
  constructor(port, ca) {
    this.port = port
    this.agent = new https.Agent({ ca, keepAlive: true })
    this.cookie = ''
  }

  // The bytes of the answer, whatever they are.
  raw(method, path, body) {
    const text = body === undefined ? undefined : JSON.stringify(body)
    const headers = { accept: 'application/json' }
    if (this.cookie) headers.cookie = this.cookie
    if (method !== 'GET') headers['x-sunlit'] = '1'
    if (method === 'POST') headers['idempotency-key'] = randomUUID()
    if (text !== undefined) Object.assign(headers, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
    return new Promise((resolve, reject) => {
      const request = https.request(
        { host: '127.0.0.1', port: this.port, agent: this.agent, method, path, headers, timeout: 15000 },
        (answer) => {
          const parts = []
          answer.on('data', (part) => parts.push(part))
          answer.on('error', reject)
          answer.on('end', () => {
            const cookie = answer.headers['set-cookie']?.[0]
            if (cookie) this.cookie = cookie.split(';')[0]
            resolve({ status: answer.statusCode, headers: answer.headers, bytes: Buffer.concat(parts) })
          })
        },
      )
      request.on('timeout', () => request.destroy(new Error(`${method} ${path}: no answer in 15 s`)))
      request.on('error', reject)
      request.end(text)
    })
  }

  async call(method, path, body) {
    const { status, bytes } = await this.raw(method, `/api/v1${path}`, body)
    let answer
    try {
      answer = JSON.parse(bytes.toString('utf8'))
    } catch {
      throw new Error(`${method} ${path}: ${status}, and no JSON: ${bytes.toString('utf8').slice(0, 80)}`)
    }
    if (status >= 400) throw new Refused(method, path, status, answer.error)
    return answer
  }

  get(path) {
    return this.call('GET', path)
  }

  post(path, body = {}) {
    return this.call('POST', path, body)
  }

  patch(path, body) {
    return this.call('PATCH', path, body)
  }

  // Logs in with a one-time password and replaces it, which is all that such a login may do.
  async firstLogin(name, oneTime, password) {
    const session = await this.post('/login', { name, password: oneTime })
    if (!session.account.must_change) throw new Error(`${name} may keep a one-time password`)
    await this.post('/password', { old: oneTime, new: password })
    return (await this.get('/session')).account
  }

  close() {
    this.agent.destroy()
  }
}

// Asks until the answer pleases, and says what it was when it never did.
export async function until(what, seconds, ask) {
  const end = Date.now() + seconds * 1000
  let last
  for (;;) {
    try {
      const answer = await ask((seen) => (last = seen))
      if (answer) return answer
    } catch (error) {
      last = error.message
    }
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s; last seen: ${JSON.stringify(last)}`)
    await new Promise((resume) => setTimeout(resume, 150))
  }
}
