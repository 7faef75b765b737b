// visitor.mjs - somebody with a browser at one site: what a page says is read as they would read it, and each page they
// look at is held to the rules of all pages: nothing for axe-core to find, phone and desk, light and dark, standard and
// large type; nothing wider than a screen of 320; one heading, a title, a language; nothing on the console, nothing the
// content security policy had to stop.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pause } from './province.mjs'

// Each pair of width, light and size of type comes up once; the first and the second are kept as pictures.
const LOOKS = [
  { width: 360, height: 760, theme: 'light', type: null, picture: '360' },
  { width: 1280, height: 900, theme: 'light', type: 'large' },
  { width: 1280, height: 900, theme: 'dark', type: null, picture: '1280-dark' },
  { width: 360, height: 760, theme: 'dark', type: 'large', picture: '360-dark-large' },
]
const NARROW = [{ type: null }, { type: 'large' }]

export class Findings {
  constructor() {
    this.all = []
  }

  add(where, what) {
    const line = `${where}: ${what.split('\n').slice(0, 3).join(' ')}`
    if (this.all.includes(line)) return
    this.all.push(line)
    console.log(`  !   ${line}`)
  }
}

export class Visitor {
  static axe = ''
  static pictures = ''
  static count = 0

  static prepare(app, pictures) {
    Visitor.axe = readFileSync(createRequire(join(app, 'package.json')).resolve('axe-core/axe.min.js'), 'utf8')
    Visitor.pictures = pictures
  }

  // desk: 1280 wide, else a phone.
  static async open(browser, url, who, findings, { desk = false, lang = 'zh' } = {}) {
    const visitor = new Visitor()
    Object.assign(visitor, { url, who, findings, desk, lang, where: who, refused: new Set(), asked: new Set() })
    visitor.context = await browser.newContext({ baseURL: url, ignoreHTTPSErrors: true, viewport: visitor.size(), hasTouch: !desk, locale: 'zh-CN', timezoneId: 'Asia/Shanghai', reducedMotion: 'reduce' })
    await visitor.context.addInitScript((settings) => {
      if (!localStorage.getItem('sunlit.settings')) localStorage.setItem('sunlit.settings', JSON.stringify(settings))
      document.addEventListener('securitypolicyviolation', (e) => console.error(`content security policy stopped ${e.violatedDirective} ${e.blockedURI}`))
    }, { lang })
    visitor.page = await visitor.context.newPage()
    visitor.listen()
    return visitor
  }

  size() {
    return this.desk ? { width: 1280, height: 900 } : { width: 360, height: 760 }
  }

  // These browsers do not trust the branch's certificate: they have the pages without their worker (phone.mjs plays
  // one that does).
  static untrusting = 'An SSL certificate error occurred when fetching the script.'

  // The program stopped, as the story wants, while the browser looked for a newer worker.
  static stopped = 'An unknown error occurred when fetching the script.'

  // A refusal that the story wants is no finding; the browser puts each on the console.
  listen() {
    this.page.on('console', (message) => {
      if (message.type() !== 'error' && message.type() !== 'warning') return
      if (message.text() === Visitor.untrusting || message.text() === Visitor.stopped) return
      const status = Number(/the server responded with a status of (\d+)/.exec(message.text())?.[1])
      if (!this.refused.has(status)) this.findings.add(this.where, `console: ${message.text()} ${message.location().url}`)
    })
    this.page.on('pageerror', (error) => this.findings.add(this.where, `error: ${error.message}`))
    this.page.on('request', (request) => this.asked.add(request))
    this.page.on('requestfinished', (request) => this.asked.delete(request))
    this.page.on('requestfailed', (request) => {
      this.asked.delete(request)
      const why = request.failure()?.errorText
      if (why !== 'net::ERR_ABORTED') this.findings.add(this.where, `${request.method()} ${request.url()}: ${why}`)
    })
  }

  async go(path, wait = 'h1') {
    this.where = `${this.who} ${path}`
    await this.page.goto(path)
    await this.sees(wait)
  }

  async sees(selector, text) {
    const at = text === undefined ? this.page.locator(selector) : this.page.locator(selector).filter({ hasText: text })
    try {
      await at.first().waitFor({ state: 'visible', timeout: 20_000 })
    } catch {
      throw new Error(`${this.who} does not see ${selector}${text === undefined ? '' : ` with ${text}`}, but: ${(await this.page.locator('body').innerText()).replace(/\s+/g, ' ').slice(0, 400)}`)
    }
    return (await at.first().innerText()).replace(/\s+/g, ' ').trim()
  }

  async seesNot(selector, text) {
    const at = text === undefined ? this.page.locator(selector) : this.page.locator(selector).filter({ hasText: text })
    if (await at.count()) throw new Error(`${this.who} sees ${selector}${text === undefined ? '' : ` with ${text}`} and should not`)
  }

  click(selector, text) {
    const at = text === undefined ? this.page.locator(selector) : this.page.locator(selector).filter({ hasText: text })
    return at.first().click()
  }

  fill(selector, text) {
    return this.page.fill(selector, text)
  }

  // The interface as this page's own login may use it.
  async ask(method, path, body) {
    this.refused.add(403)
    const answer = await this.page.evaluate(async ({ method, path, body }) => {
      const { account } = await (await fetch('/api/v1/session')).json()
      const headers = { 'X-Sunlit': '1', ...(account ? { 'X-Sunlit-Account': account.name } : {}) }
      if (method === 'POST') headers['Idempotency-Key'] = `e2e-${Date.now()}-${Math.random().toString(36).slice(2)}`
      if (body) headers['Content-Type'] = 'application/json'
      const response = await fetch(`/api/v1/${path}`, { method, headers, body: body && JSON.stringify(body) })
      return { status: response.status, body: await response.json() }
    }, { method, path, body })
    this.refused.delete(403)
    return { ...answer, rule: answer.body.error?.rule }
  }

  // english: the same page again in the other language; not where a reload would lose what is shown.
  async look(name, { other = true } = {}) {
    if (process.env.E2E_QUICK) return
    const number = String(++Visitor.count).padStart(2, '0')
    this.where = `${this.who} ${name}`
    await this.settled()
    for (const look of LOOKS) {
      await this.dress(look)
      await this.audit(`${name} ${look.width} ${look.theme} ${look.type ?? 'standard'}`)
      if (look.picture) await this.picture(`${number}-${name}-${look.picture}`)
    }
    await this.narrow(name)
    await this.dress({ ...this.size(), theme: null, type: null })
    if (other) await this.otherLanguage(number, name)
    this.where = this.who
  }

  async otherLanguage(number, name) {
    const to = this.lang === 'zh' ? 'en' : 'zh'
    const speak = async (lang) => {
      await this.page.evaluate((settings) => localStorage.setItem('sunlit.settings', JSON.stringify(settings)), { lang })
      await this.page.reload()
      await this.sees('h1')
      await this.settled()
    }
    await speak(to)
    await this.audit(`${name} in ${to}`)
    await this.picture(`${number}-${name}-${to}`)
    await this.narrow(`${name} in ${to}`)
    await this.dress({ ...this.size(), theme: null, type: null })
    await speak(this.lang)
  }

  // What was asked for has come: for a moment nothing has been on its way.
  async settled() {
    const end = Date.now() + 5000
    for (let quiet = 0; quiet < 3 && Date.now() < end;) {
      await pause(25)
      quiet = this.asked.size ? 0 : quiet + 1
    }
    await this.page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))))
  }

  async dress({ width, height, theme, type }) {
    await this.page.setViewportSize({ width, height })
    await this.page.evaluate(({ theme, type }) => {
      const put = (name, value) => (value ? document.documentElement.setAttribute(name, value) : document.documentElement.removeAttribute(name))
      put('data-theme', theme)
      put('data-type', type)
    }, { theme, type })
  }

  async narrow(name) {
    for (const { type } of NARROW) {
      await this.dress({ width: 320, height: 640, theme: null, type })
      await this.wide(`${name} 320 ${type ?? 'standard'}`)
    }
  }

  async wide(where) {
    const sticks = await this.page.evaluate(() => {
      const width = document.documentElement.clientWidth
      // One pixel is the rounding of fractions, as it is for each element below.
      if (document.documentElement.scrollWidth <= width + 1) return null
      return [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > width + 1 && !e.closest('.scroll-x')).slice(0, 4)
        .map((e) => `${e.tagName.toLowerCase()}.${e.getAttribute('class') ?? ''} "${(e.textContent ?? '').trim().slice(0, 30)}"`)
    })
    if (sticks) this.findings.add(`${this.who} ${where}`, `wider than the screen: ${sticks.join(', ')}`)
  }

  async audit(where) {
    const said = `${this.who} ${where}`
    if (!(await this.page.evaluate(() => 'axe' in globalThis))) await this.page.evaluate(Visitor.axe)
    const violations = await this.page.evaluate(async () => {
      const found = await globalThis.axe.run(document, { resultTypes: ['violations'], elementRef: false, preload: false })
      return found.violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.target.join(' ')).join(' | ')}`)
    })
    for (const violation of violations) this.findings.add(said, violation)
    await this.wide(where)
    const page = await this.page.evaluate(() => ({ title: document.title, lang: document.documentElement.lang, headings: document.querySelectorAll('h1').length, text: document.body.innerText }))
    if (!/阳光后勤|Sunlit/.test(page.title) || page.title.startsWith('·')) this.findings.add(said, `the title is "${page.title}"`)
    if (!page.lang) this.findings.add(said, 'the page names no language')
    if (page.headings !== 1) this.findings.add(said, `${page.headings} h1`)
    const raw = /undefined|\bNaN\b|\[object|Invalid Date|1970/.exec(page.text)
    if (raw) this.findings.add(said, `shows "${page.text.slice(Math.max(0, raw.index - 30), raw.index + 30).replace(/\s+/g, ' ')}"`)
  }

  picture(name) {
    return this.page.screenshot({ path: join(Visitor.pictures, `${name}.png`), fullPage: true })
  }

  close() {
    return this.context.close()
  }
}
