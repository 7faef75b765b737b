// province.mjs - a province and three counties as real programs on this machine, each county behind a line of its own
// that can be cut; and the few requests of their interface that a story makes beside the browser.
import { spawn, spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { createWriteStream, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'

export const COUNTIES = ['330127', '330902', '331127']
export const pause = (ms) => new Promise((resume) => setTimeout(resume, ms))

const listening = (port) => new Promise((resolve) => {
  const socket = connect({ host: '127.0.0.1', port }, () => { socket.destroy(); resolve(true) })
  socket.on('error', () => resolve(false))
})

// Asks until the answer pleases, and says what it was when it never did.
export async function until(what, seconds, ask) {
  const end = Date.now() + seconds * 1000
  let last
  for (;;) {
    const answer = await ask((seen) => { last = seen })
    if (answer) return answer
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s; last seen: ${JSON.stringify(last)}`)
    await pause(150)
  }
}

async function freePorts(count) {
  const first = Number(process.env.E2E_PORT ?? 20700)
  for (let base = first; base < first + 2000; base += 10) {
    const taken = await Promise.all(Array.from({ length: count }, (_, i) => listening(base + i)))
    if (!taken.includes(true)) return base
  }
  throw new Error(`no free ports from ${first} on; E2E_PORT=N begins elsewhere`)
}

export class Province {
  constructor(build, dir) {
    this.dir = dir
    this.hubProgram = join(build, 'hub/sunlit-hub')
    this.nodeProgram = join(build, 'node/sunlit-node')
    this.lineProgram = join(build, 'tools/sunlit-line')
    this.started = []
    this.oneTime = {}
    this.ports = {}
    this.lines = {}
  }

  url(site) {
    return `https://127.0.0.1:${this.ports[site]}`
  }

  // What a program prints when its data is made; its one-time password is printed there and nowhere else.
  make(site, program, ...words) {
    const made = spawnSync(program, words, { encoding: 'utf8', timeout: 60_000 })
    if (made.status !== 0) throw new Error(`${site} was not made: ${made.stderr}`)
    this.oneTime[site] = /one-time password[^:]*: *(\S+)/.exec(made.stdout)?.[1]
    if (!this.oneTime[site]) throw new Error(`${site} printed no one-time password: ${made.stdout}`)
  }

  async run(name, port, program, ...words) {
    const log = createWriteStream(join(this.dir, 'log', name), { flags: 'a' })
    const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.pipe(log, { end: false })
    child.stderr.pipe(log, { end: false })
    this.started.push({ name, child })
    await until(`${name} listens`, 30, async () => {
      if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}: ${join(this.dir, 'log', name)}`)
      return listening(port)
    })
  }

  async start() {
    rmSync(this.dir, { recursive: true, force: true })
    for (const folder of ['log', 'lines']) mkdirSync(join(this.dir, folder), { recursive: true })
    const base = await freePorts(2 + 2 * COUNTIES.length)
    const sync = base + 1
    this.ports.hub = base
    const at = (site) => join(this.dir, site)
    this.make('hub', this.hubProgram, 'init', '--dir', at('hub'), '--name', '浙江省', '--province', '33')
    writeFileSync(join(at('hub'), 'sunlit.conf'), '[hub]\nevaluate_s = 1\n', { mode: 0o600 })
    await this.run('hub', base, this.hubProgram, 'run', '--dir', at('hub'), '--listen', `127.0.0.1:${base}`, '--sync', `127.0.0.1:${sync}`)
    const line = (i) => base + 5 + i
    await this.run('line', line(0), this.lineProgram, at('lines'), ...COUNTIES.map((code, i) => `${code}:${line(i)}:${sync}`))
    for (const [i, code] of COUNTIES.entries()) {
      this.ports[code] = base + 2 + i
      this.lines[code] = line(i)
      const invite = spawnSync(this.hubProgram, ['invite', '--dir', at('hub'), '--branch', code], { encoding: 'utf8' }).stdout.trim()
      this.make(code, this.nodeProgram, 'enroll', '--dir', at(code), '--invite', invite)
      writeFileSync(join(at(code), 'sunlit.conf'), '[node]\nhello_s = 2\n', { mode: 0o600 })
      await this.run(code, this.ports[code], this.nodeProgram, 'run', '--dir', at(code), '--listen', `127.0.0.1:${this.ports[code]}`, '--hub', `127.0.0.1:${line(i)}`)
    }
  }

  cut(code) {
    writeFileSync(join(this.dir, 'lines', `${code}.cut`), '')
  }

  // The relay looks a few times a second, later on a busy machine: a try before that finds the line still cut.
  async mend(code) {
    rmSync(join(this.dir, 'lines', `${code}.cut`), { force: true })
    await until(`the line of ${code} is open`, 10, () => listening(this.lines[code]))
  }

  // Newest first, so that the province is the last to go; each must end by itself and well.
  async stop() {
    const bad = []
    for (const { name, child } of this.started.reverse()) {
      if (child.exitCode !== null || child.signalCode) { bad.push(`${name} had ended before: ${child.exitCode ?? child.signalCode}`); continue }
      const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)))
      child.kill('SIGTERM')
      const end = await Promise.race([ended, pause(8000).then(() => 'nothing')])
      if (end === 'nothing') child.kill('SIGKILL')
      if (end !== 0) bad.push(`${name} answered SIGTERM with ${end}`)
    }
    this.started = []
    return bad
  }
}

// One login over the interface, without a browser.
export class Caller {
  constructor(context) {
    this.context = context
  }

  static async open(playwright, baseURL) {
    return new Caller(await playwright.request.newContext({ baseURL, ignoreHTTPSErrors: true, extraHTTPHeaders: { 'X-Sunlit': '1' } }))
  }

  async ask(method, path, data) {
    const answer = await this.context.fetch(`/api/v1/${path}`, { method, data, headers: method === 'POST' ? { 'Idempotency-Key': randomUUID() } : {} })
    const body = await answer.json()
    return { status: answer.status(), rule: body.error?.rule, body }
  }

  async must(method, path, data) {
    const { status, body } = await this.ask(method, path, data)
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(body)}`)
    return body
  }

  async firstLogin(name, old, password) {
    await this.must('POST', 'login', { name, password: old })
    await this.must('POST', 'password', { old, new: password })
  }

  close() {
    return this.context.dispose()
  }
}
