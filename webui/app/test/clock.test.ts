// clock.test.ts - a page that opens while nothing answers goes by the clock of the server as this device last knew it.
import assert from 'node:assert/strict'
import { test } from 'node:test'

const DAY_MS = 86_400_000
const kept = new Map<string, string>([['sunlit.skew', String(2 * DAY_MS)]])
Object.assign(globalThis, { localStorage: { getItem: (k: string) => kept.get(k) ?? null, setItem: (k: string, v: string) => void kept.set(k, v), removeItem: (k: string) => void kept.delete(k) } })

test('a_phone_that_is_two_days_behind_knows_the_day_while_nothing_answers', async () => {
  const { now, site } = await import('../src/site')
  assert.ok(Math.abs(now() - Date.now() - 2 * DAY_MS) < 60_000)
  site.skewMs = 0                                      // its clock was set right meanwhile
  await Promise.resolve()
  assert.equal(kept.get('sunlit.skew'), '0')
})
