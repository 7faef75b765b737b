// A file on a slow line: waited for as long as it moves, given up when it does not, stopped by whoever sends it.
import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { Refused, Unreachable } from '../src/api/client'
import { Stopped, upload, type Moved } from '../src/api/upload'

const SIZE = 2 * 1024 * 1024
const file = (size = SIZE): File => ({ name: 'a.xlsx', size, arrayBuffer: async () => new ArrayBuffer(size) }) as File

// What a browser's XMLHttpRequest tells of its way.
class Line {
  static now: Line
  upload: { onprogress?: (e: { loaded: number }) => void; onload?: () => void } = {}
  onload?: () => void
  onerror?: () => void
  onabort?: () => void
  headers: Record<string, string> = {}
  status = 0
  response: ArrayBuffer | null = null
  aborted = false
  to = ''
  constructor() { Line.now = this }
  open(_method: string, to: string): void { this.to = to }
  setRequestHeader(name: string, value: string): void { this.headers[name] = value }
  send(): void { return }
  abort(): void { this.aborted = true; this.onabort?.() }
  moves(loaded: number): void { this.upload.onprogress?.({ loaded }) }
  left(): void { this.upload.onload?.() }
  answers(status: number, body: unknown): void { this.status = status; this.response = new TextEncoder().encode(JSON.stringify(body)).buffer as ArrayBuffer; this.onload?.() }
}
const settle = async (): Promise<void> => { for (let i = 0; i < 20; i++) await Promise.resolve() }

// A clock that stands until it is told to go on.
const real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout }
let now = 0
let due: { at: number; run: () => void }[] = []
const tick = (ms: number): void => {
  now += ms
  const over = due.filter((t) => t.at <= now)
  due = due.filter((t) => t.at > now)
  over.forEach((t) => t.run())
}
beforeEach(() => {
  due = []
  const set = (run: () => void, ms: number): object => { const t = { at: now + ms, run }; due.push(t); return t }
  Object.assign(globalThis, { XMLHttpRequest: Line, setTimeout: set, clearTimeout: (t: object) => { due = due.filter((one) => one !== t) } })
})
afterEach(() => { Object.assign(globalThis, real) })

test('two_megabytes_arrive_at_64_kbit_a_second', async () => {
  const seen: Moved[] = []
  const got = upload<{ accepted: number }>('prices/import', file(), 'key-1234', { query: { again: 'new' }, moved: (m) => seen.push(m) })
  await settle()
  for (let sent = 8_000; sent < SIZE; sent += 8_000) {          // 262 seconds
    tick(1_000)
    Line.now.moves(sent)
  }
  Line.now.left()
  tick(40_000)                                      // the server reads the sheet
  Line.now.answers(201, { accepted: 3 })
  assert.deepEqual(await got, { accepted: 3 })
  assert.equal(Line.now.to, '/api/v1/prices/import?again=new')
  assert.equal(Line.now.headers['Idempotency-Key'], 'key-1234')
  assert.deepEqual(seen[0], { sent: 0, of: SIZE, whole: false })
  assert.deepEqual(seen[2], { sent: 16_000, of: SIZE, whole: false })
  assert.deepEqual(seen.at(-1), { sent: SIZE, of: SIZE, whole: true })
})

test('what_the_machine_took_at_once_may_still_be_on_the_line', async () => {
  const got = upload<{ accepted: number }>('prices/import', file(), 'key-1234')
  await settle()
  Line.now.left()
  tick(SIZE / 8)                                    // 262 seconds
  assert.equal(Line.now.aborted, false)
  Line.now.answers(201, { accepted: 3 })
  assert.deepEqual(await got, { accepted: 3 })
})

test('when_nothing_moves_for_a_minute_it_is_given_up', async () => {
  const got = upload('prices/import', file(), 'key-1234')
  await settle()
  tick(59_000)
  Line.now.moves(8_000)
  tick(59_000)
  assert.equal(Line.now.aborted, false)
  tick(1_000)
  assert.equal(Line.now.aborted, true)
  await assert.rejects(got, Unreachable)
})

test('who_stops_it_hears_whether_all_of_it_had_left', async () => {
  for (const whole of [false, true]) {
    const halt = new AbortController()
    const got = upload('prices/import', file(), 'key-1234', { stop: halt.signal })
    await settle()
    if (whole) Line.now.left()
    halt.abort()
    await assert.rejects(got, (e) => e instanceof Stopped && e.whole === whole)
    assert.equal(Line.now.aborted, true)
  }
})

test('a_refusal_of_a_file_is_one_like_any_other', async () => {
  const got = upload('prices/import', file(5), 'key-1234')
  await settle()
  Line.now.answers(422, { error: { kind: 'input', rule: 'sheet', field: '', text: 'x' } })
  await assert.rejects(got, (e) => e instanceof Refused && e.has('sheet'))
  const busy = upload('prices/import', file(5), 'key-1234')
  await settle()
  Line.now.answers(504, {})
  await assert.rejects(busy, Unreachable)
})
