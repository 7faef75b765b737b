// seen.ts - an act upon what somebody else may change meanwhile: it says what the person had before the eyes, and that alone.
//
// `seen` is what was shown when it was opened and does not change under the hands.  When something else stands by now the act
// is refused; then that is fetched and shown, and the next press is about it.  Nothing typed is lost.
import { nextTick, shallowRef, type ShallowRef } from 'vue'
import { Refused } from './api/client'

export interface Seen<T> { seen: ShallowRef<T>; upon: (work: (seen: T) => Promise<unknown>) => Promise<void> }

export function useSeen<T>(now: () => T, again: () => Promise<void>): Seen<T> {
  const seen = shallowRef(now()) as ShallowRef<T>
  async function upon(work: (seen: T) => Promise<unknown>): Promise<void> {
    try { await work(seen.value) } catch (e) {
      if (e instanceof Refused && e.status === 409 && !e.has('key_reused')) {
        await again()
        await nextTick()
        seen.value = now()
      }
      throw e
    }
  }
  return { seen, upon }
}
