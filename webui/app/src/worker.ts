// worker.ts - the service worker: the pages open while nothing answers.  It keeps code, never data: records, drafts and last
// answers are in the store of the pages (store.ts), where they belong to an account.
//
// One build, one shell.  A shell is complete before it is used: index.html is checked against the digest this file was
// built with, so that a page of one build is never put together with code of another.  The names of code hold digests,
// so all shells may be asked for them; the shell before stays until the next one comes, for tabs that still show it.
// While the node answers, pages come from it: what is here is for when it does not.
declare const self: ServiceWorkerGlobalScope
declare const SHELL: { build: string; page: string; files: string[] }         // put in by vite.config.ts
export {}

const PREFIX = 'sunlit-'
const NAME = PREFIX + SHELL.build
const PATIENCE_MS = 3000
const AT_ONCE = 4

async function digest(text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('')
}

async function good(request: Promise<Response>): Promise<Response> {
  const answer = await request
  if (!answer.ok) throw new Error(`${answer.status} ${answer.url}`)
  return answer
}

async function fill(shell: Cache, files: string[]): Promise<void> {
  for (let file = files.pop(); file; file = files.pop()) {
    const had = file.startsWith('/assets/') ? await caches.match(file, { ignoreVary: true }) : undefined
    await shell.put(file, had ?? await good(fetch(file)))
  }
}

async function install(): Promise<void> {
  const shell = await caches.open(NAME)
  const page = await good(fetch('/', { cache: 'no-store' }))
  if (await digest(await page.clone().text()) !== SHELL.page) throw new Error('the page is of another build')
  const files = [...SHELL.files]
  await Promise.all(Array.from({ length: AT_ONCE }, () => fill(shell, files)))
  await shell.put('/', page)
  await self.skipWaiting()
}

async function activate(): Promise<void> {
  const others = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== NAME)       // the oldest first
  await Promise.all(others.slice(0, -1).map((name) => caches.delete(name)))
  await self.clients.claim()
}

const late = (): Promise<null> => new Promise((done) => setTimeout(() => done(null), PATIENCE_MS))

/** Every address of the application is one page; its router shows which. */
async function page(request: Request): Promise<Response> {
  const asked = fetch(request)
  asked.catch(() => undefined)
  try {
    const answer = await Promise.race([asked, late()])
    if (answer && answer.status < 500) return answer
  } catch {
    // nothing answers
  }
  return await caches.match('/', { cacheName: NAME, ignoreVary: true }) ?? asked
}

const kept = async (request: Request): Promise<Response> => await caches.match(request, { ignoreVary: true }) ?? fetch(request)

self.addEventListener('install', (event) => event.waitUntil(install()))
self.addEventListener('activate', (event) => event.waitUntil(activate()))
self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== self.location.origin || /^\/(api|log)\//.test(url.pathname)) return
  if (request.mode === 'navigate') {
    if (!/\.[^/]*$/.test(url.pathname)) event.respondWith(page(request))
  } else if (SHELL.files.includes(url.pathname) || url.pathname.startsWith('/assets/')) event.respondWith(kept(request))
})
