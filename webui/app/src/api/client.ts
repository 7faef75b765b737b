// client.ts - the one way to the node or the hub.
//
// A request ends in one of three ways: an answer; a Refused, which names rules and fields; an Unreachable, which
// says nothing about whether the work was done.  So work that creates something carries an Idempotency-Key that
// stays the same over every retry of the same form: sending twice gives the first answer again.
import { isBusy } from './reach'
import { plain, plainly } from '../plain'
import { during } from '../stake'
import { everyRule } from '../words/refusal'

export interface Fault { kind?: string; rule: string; field?: string; text: string; params?: Record<string, string | number> }

export class Refused extends Error {
  constructor(readonly status: number, readonly faults: Fault[], readonly body: unknown = null) {
    super(faults.map((f) => f.text).join('; '))
  }
  has(rule: string): boolean {
    return this.faults.some((f) => f.rule === rule)
  }
}

export class Unreachable extends Error {}

const BASE = '/api/v1/'
const PATIENCE_MS = 12_000           // in which something has to come: the head of the answer, and each next piece of it

/** A UUID v4; crypto.randomUUID wants a secure context and a newer browser than some phones have. */
export function newKey(): string {
  const b = crypto.getRandomValues(new Uint8Array(16))
  b[6] = (b[6]! & 0x0f) | 0x40
  b[8] = (b[8]! & 0x3f) | 0x80
  const hex = Array.from(b, (x) => x.toString(16).padStart(2, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

export type Query = Record<string, string | number | boolean | null | undefined>

export function address(path: string, query: Query = {}): string {
  const parts = Object.entries(query)
    .filter(([, v]) => v !== undefined && v !== null && v !== '')
    .map(([k, v]) => `${k}=${encodeURIComponent(plain(String(v)))}`)
  return BASE + path + (parts.length ? '?' + parts.join('&') : '')
}

/** Whose page this is, of this one login.  The tabs of a browser share one session: the server compares, and refuses what is another's. */
let login: { account: string | null } = { account: null }
export const speakAs = (account: string | null): void => { login = { account } }
/** Where a file is, for a link.  A link sends no header that says whose page it stands on, so its address does. */
export const fileAt = (path: string, query: Query = {}): string => address(path, { ...query, as: login.account })
const NOBODYS = ['session', 'login']                     // they are about who it is to be
const whose = (path: string, as: string | null): Record<string, string> =>
  (as && !NOBODYS.includes(path.slice(BASE.length)) ? { 'X-Sunlit-Account': as } : {})
/** Under which login a request goes, taken once, when it is asked for. */
export interface Speaker { headers: (path: string) => Record<string, string>; now: () => boolean }
export function speaker(as: string | null = login.account): Speaker {
  const mine = login
  return { headers: (path) => whose(path, as), now: () => mine === login && as === mine.account }
}

let onElsewhere: () => void = () => undefined
/** Told when another site answers at this address: this page has no business with it. */
export const listenElsewhere = (listener: () => void): void => { onElsewhere = listener }
export interface Told { other: string | null; rule: string | null }
type Listener = (status: number, told: Told | null) => void
let onAnswer: Listener = () => undefined
/** Told of every HTTP status, 0 when nothing answered, and of whose session it is when it is not this page's: how the
 *  shell learns that a login ended, here or beside it.  What was asked under a login before says nothing of this one. */
export const listen = (listener: Listener): void => { onAnswer = listener }

async function refusal(response: Response): Promise<Refused> {
  const words = everyRule()
  const body = await response.json().catch(() => null) as { error?: Fault; errors?: Fault[] } | null
  await words
  return new Refused(response.status, body?.errors?.length ? body.errors : [body?.error ?? { rule: String(response.status), text: '' }], body)
}

/** Nothing was heard: what became of the request is not known. */
export function unheard(): Unreachable {
  onAnswer(0, null)
  return new Unreachable('no answer')
}

/** An answer that came: the shell is told, and a refusal is thrown. */
export async function heard(response: Response, by: Speaker): Promise<Response> {
  if (isBusy(response.status)) throw unheard()
  const refused = response.ok ? null : await refusal(response)
  const other = refused?.faults.find((f) => f.rule === 'other_account')?.params?.session
  if (refused?.has('another_site')) onElsewhere()
  onAnswer(response.status, by.now() ? { other: other === undefined ? null : String(other), rule: refused?.faults[0]?.rule ?? null } : null)
  if (refused) throw refused
  return response
}

/** With all of its body, each piece of which `came`: one that breaks off is none. */
async function whole(response: Response, came: () => void): Promise<Response> {
  const pieces: BlobPart[] = []
  const reader = response.body?.getReader()
  for (let next; reader && !(next = await reader.read()).done; came()) pieces.push(next.value!)
  return new Response(pieces.length ? new Blob(pieces) : null, response)
}

export async function send(path: string, init: RequestInit, patienceMs = PATIENCE_MS, by = speaker()): Promise<Response> {
  const stop = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const wait = (): void => { clearTimeout(timer); timer = setTimeout(() => stop.abort(), patienceMs) }
  wait()
  let response: Response
  try {
    const head = await fetch(
      path, { credentials: 'same-origin', cache: 'no-store', ...init, headers: { ...init.headers, ...by.headers(path) }, signal: stop.signal }
    )
    wait()
    response = await whole(head, wait)
  } catch {
    throw unheard()
  } finally {
    clearTimeout(timer)
  }
  return heard(response, by)
}

export async function answer<T>(response: Response): Promise<T> {
  if (response.status === 204) return undefined as T
  try {
    return await response.json() as T
  } catch {
    throw unheard()
  }
}

export const get = async <T>(path: string, query?: Query, patienceMs?: number): Promise<T> =>
  answer<T>(await send(address(path, query), { method: 'GET' }, patienceMs))

const AS_TYPED = ['login', 'password']          // a password is its bytes, and the server reads names of a login as people paste them
async function change<T>(method: string, path: string, body: unknown, key?: string, as?: string, waitedMs?: number): Promise<T> {
  const headers: Record<string, string> = { 'Content-Type': 'application/json', 'X-Sunlit': '1' }
  if (key) headers['Idempotency-Key'] = key
  if (waitedMs) headers['X-Sunlit-Waited'] = String(waitedMs)
  const init = { method, headers, body: JSON.stringify((AS_TYPED.includes(path) ? body : plainly(body)) ?? {}) }
  return during(async () => answer<T>(await send(address(path), init, undefined, speaker(as))))
}

/** `as`: for an account that is not, or no longer, this page's; `waitedMs`: how long it was kept on this device. */
export const post = <T>(path: string, body?: unknown, key: string = newKey(), as?: string, waitedMs?: number): Promise<T> =>
  change<T>('POST', path, body, key, as, waitedMs)
export const patch = <T>(path: string, body: unknown): Promise<T> => change<T>('PATCH', path, body)
