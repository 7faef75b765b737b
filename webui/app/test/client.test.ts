// An answer is whole or none: waited for as long as it comes, given up when it stands still or breaks off; and what was
// asked under one login says nothing of the next.
import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { get, listen, post, Refused, speakAs, Unreachable } from '../src/api/client'

interface Asked { headers: Record<string, string>; body: ReadableStreamDefaultController<Uint8Array>; head: (status?: number) => void }
const real = { fetch: globalThis.fetch, setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout }
let asked: Asked[] = []
let heard: unknown[][] = []
let now = 0
let due: { at: number; run: () => void }[] = []
const settle = async (): Promise<void> => { for (let i = 0; i < 8; i++) await new Promise((ok) => setImmediate(ok)) }
/** A clock that stands until it is told to go on. */
async function tick(ms: number): Promise<void> {
  now += ms
  const over = due.filter((t) => t.at <= now)
  due = due.filter((t) => t.at > now)
  over.forEach((t) => t.run())
  await settle()
}
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

beforeEach(() => {
  asked = []
  heard = []
  due = []
  listen((...what) => { heard.push(what) })
  speakAs(null)
  Object.assign(globalThis, {
    fetch: (_to: string, init: RequestInit) => new Promise((come, fail) => {
      let body!: Asked['body']
      const stream = new ReadableStream<Uint8Array>({ start: (at) => { body = at } })
      init.signal!.addEventListener('abort', () => { fail(new Error('aborted')); try { body.error(new Error('aborted')) } catch { /* it was over */ } })
      asked.push({ headers: init.headers as Record<string, string>, body, head: (status = 200) => come(new Response(stream, { status })) })
    }),
    setTimeout: (run: () => void, ms: number): object => { const t = { at: now + ms, run }; due.push(t); return t },
    clearTimeout: (t: object) => { due = due.filter((one) => one !== t) },
  })
})
afterEach(() => { Object.assign(globalThis, real) })

test('an_answer_whose_body_stands_still_is_given_up', async () => {
  const got = get('status', undefined, 4000)
  await settle()
  asked[0]!.head()
  asked[0]!.body.enqueue(bytes('{"now_'))
  await settle()
  const given = assert.rejects(got, Unreachable)
  await tick(4000)
  await given
  assert.deepEqual(heard, [[0, null]])
  assert.equal(due.length, 0)
})

test('an_answer_is_waited_for_as_long_as_it_comes', async () => {
  const got = get<number[]>('prices')
  await settle()
  asked[0]!.head()
  for (const piece of ['[1', ',2', ',3', ']']) {
    await tick(11_000)
    asked[0]!.body.enqueue(bytes(piece))
    await settle()
  }
  asked[0]!.body.close()
  assert.deepEqual(await got, [1, 2, 3])
  assert.deepEqual(heard, [[200, { other: null, rule: null }]])
})

test('an_answer_that_breaks_off_or_is_none_of_the_program_is_heard_as_no_answer', async () => {
  for (const end of [(b: Asked['body']) => b.error(new Error('reset')), (b: Asked['body']) => { b.enqueue(bytes('<html>')); b.close() }]) {
    const got = get('prices')
    await settle()
    asked.at(-1)!.head()
    end(asked.at(-1)!.body)
    await assert.rejects(got, Unreachable)
    assert.deepEqual(heard.at(-1), [0, null])
  }
})

test('a_refusal_of_the_login_before_ends_nothing_of_this_one', async () => {
  const refuse = async (one: Asked): Promise<void> => {
    one.head(401)
    one.body.enqueue(bytes('{"error":{"rule":"login_required","text":""}}'))
    one.body.close()
    await settle()
  }
  const refused = (got: Promise<unknown>): Promise<void> => assert.rejects(got, (e) => e instanceof Refused && e.status === 401)
  speakAs('off1@site')
  const late = [refused(get('prices')), refused(get('prices'))]
  await settle()
  speakAs(null)
  speakAs('off2@site')
  await refuse(asked[0]!)
  speakAs(null)
  speakAs('off1@site')                    // the same again, in another session
  await refuse(asked[1]!)
  await Promise.all(late)
  assert.deepEqual(heard, [[401, null], [401, null]])
  const mine = refused(get('prices'))
  await settle()
  await refuse(asked[2]!)
  await mine
  assert.deepEqual(heard.at(-1), [401, { other: null, rule: 'login_required' }])
})

test('what_is_sent_for_an_account_that_is_not_this_page_s_says_nothing_of_its_login', async () => {
  speakAs('off2@site')
  const got = assert.rejects(post('prices', {}, 'key-1', 'off1@site'), (e) => e instanceof Refused && e.has('other_account'))
  await settle()
  assert.equal(asked[0]!.headers['X-Sunlit-Account'], 'off1@site')
  asked[0]!.head(409)
  asked[0]!.body.enqueue(bytes('{"error":{"rule":"other_account","text":"","params":{"session":"off2"}}}'))
  asked[0]!.body.close()
  await got
  assert.deepEqual(heard, [[409, null]])
})
