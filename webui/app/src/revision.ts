// revision.ts - a change of what has revisions, and whose answer was lost.
//
// Whether it was done is not known, and its revision is no longer the one to send again if it was.  So what stands is read
// before the next press: what was asked for and stands there was saved by the press before, and is no one else's.
import { nextTick, watch } from 'vue'
import { Refused } from './api/client'
import type { Form } from './draft'
import type { Load } from './load'

export interface Asked { rev: number; body: object }
/** What stands now, by the names under which it is changed. */
export interface Standing { rev: number; fields: object }

const plainly = (v: unknown): string => JSON.stringify(Array.isArray(v) ? v.map((x) => JSON.stringify(x)).sort() : v ?? '')

/** What became of a change whose answer was lost: `open` while the revision is still the one it was made against. */
export function fateOf(asked: Asked, now: Standing): 'open' | 'ours' | 'theirs' {
  if (now.rev === asked.rev) return 'open'
  const there = now.fields as Record<string, unknown>
  return Object.entries(asked.body).every(([field, v]) => plainly(there[field]) === plainly(v)) ? 'ours' : 'theirs'
}

/** What was touched since `was` stays; the rest is as it is now, and so is everything of whom nobody knows what it was. */
export const laidOver = <T extends object>(typed: T, was: T | null, now: T): T =>
  (was ? { ...now, ...Object.fromEntries(touchedSince(typed, was, now).map((k) => [k, typed[k]])) } : now)
/** Of the fields of `of`, those that are otherwise than they were. */
export const touchedSince = <T extends object>(typed: T, was: T, of: T = was): (keyof T & string)[] =>
  (Object.keys(of) as (keyof T & string)[]).filter((k) => typed[k] !== was[k])
/** What stands once `sent` was taken of what was typed: the rest is as it was. */
export const nowOf = <T extends object>(before: T, pressed: T, sent: object): T =>
  ({ ...before, ...Object.fromEntries(Object.entries(pressed).filter(([f]) => f in sent)) })

export interface Revised {
  /** Sends what `work` sends unless the press before turns out to be answered by what stands; 'known': `told` has said it. */
  send: (asked: Asked, work: () => Promise<void>) => Promise<'done' | 'refused' | 'cut' | 'known'>
}

/** `told` hears what became of the press before, with the revision it made, when what stands says it. */
export function useRevised(form: Pick<Form<object>, 'send' | 'clear' | 'lose' | 'show'>, load: Load<unknown>, now: () => Standing | null,
  told: (fate: 'ours' | 'theirs', rev: number) => void): Revised {
  let lost: Asked | null = null

  function look(): void {
    const at = now()
    const fate = lost && at ? fateOf(lost, at) : 'open'
    if (fate === 'open') return
    const rev = lost!.rev + 1
    lost = null
    form.clear()
    told(fate, rev)
  }
  watch(load.data, look)

  async function read(): Promise<boolean> {
    await load.again()
    await nextTick()
    return !load.cut.value && !load.staleMs.value
  }
  async function send(asked: Asked, work: () => Promise<void>): Promise<'done' | 'refused' | 'cut' | 'known'> {
    if (lost) {
      const fresh = await read()
      if (!lost) return 'known'
      if (!fresh) { form.lose(); await form.show(); return 'cut' }
    }
    let known = false
    const result = await form.send(async () => {
      try { await work() } catch (e) {
        const had = lost !== null
        if (e instanceof Refused && e.has('stale')) await read()
        known = had && !lost                    // it arrived only now
        throw known ? new Refused(409, []) : e
      }
    })
    if (result === 'cut') lost = asked
    if (result === 'done') lost = null
    return known ? 'known' : result
  }
  return { send }
}
