// sent-file.ts - a file that is chosen and sent whole: taken, refused with its faults, or asked about.
//
// The file is read when it is sent, so that what was written since it was chosen is told and not sent; it may be chosen
// again at once.  One key goes with one choice: sending it twice gives the first answer.  While one is on its way no other
// is chosen: an answer, and the question it may ask, stand under the file they are about.
import { ref, type Ref } from 'vue'
import { newKey, Refused, Unreachable, type Fault, type Query } from '../api/client'
import { Stopped, upload, type Moved } from '../api/upload'
import { useHere } from '../left'
import { who } from '../site'
import { w } from '../words'
import { y } from '../words/away'
import { wSending } from '../words/sending'
import { wSheet } from '../words/sheet'
import type { ImportRefused } from '../api/shapes'

export interface SentFile<T, A> {
  file: Ref<File | null>; busy: Ref<boolean>; trouble: Ref<string>; faults: Ref<Fault[]>
  refused: Ref<ImportRefused | null>; asked: Ref<A | null>; done: Ref<T | null>
  moved: Ref<Moved | null>               // on its way
  stop: () => void; pick: (e: Event) => void; send: (query?: Query, keep?: boolean) => Promise<void>; clear: () => void
}

/** `question`: the rule by which the server asks before it takes the file; what it asks about is in its figures. */
export function sentFile<T, A>(path: string, question: string, most = Infinity): SentFile<T, A> {
  const file = ref<File | null>(null)
  const busy = ref(false)
  const trouble = ref('')
  const moved = ref<Moved | null>(null)
  let halt = new AbortController()
  const faults = ref<Fault[]>([])
  const refused = ref<ImportRefused | null>(null)
  const asked = ref(null) as Ref<A | null>
  const done = ref(null) as Ref<T | null>
  const here = useHere()
  const account = who.value
  let key = newKey()

  function clear(): void {
    trouble.value = ''
    refused.value = asked.value = done.value = null
    faults.value = []
  }
  function pick(e: Event): void {
    const input = e.target as HTMLInputElement
    if (busy.value) { input.value = ''; return }
    file.value = input.files?.[0] ?? null
    input.value = ''                            // so that the same file can be chosen again when it was changed
    key = newKey()
    clear()
    if ((file.value?.size ?? 0) > most) { trouble.value = wSheet.tooBig; file.value = null }
  }
  function fail(e: Refused): void {
    const body = e.body as (ImportRefused & { error?: Fault & { params?: unknown } }) | null
    if (e.has(question)) asked.value = (body?.error?.params ?? null) as A | null
    else if (body?.errors?.[0] && 'row' in body.errors[0]) refused.value = body
    else faults.value = e.faults
    if (e.has('file_changed')) file.value = null
  }
  /** `keep`: what was asked about goes on standing there. */
  async function send(query?: Query, keep = false): Promise<void> {
    if (busy.value || who.value !== account) return      // the next part of a press whose login is over
    if (keep) trouble.value = ''
    else clear()
    if (!file.value) { trouble.value = wSheet.noFile; return }
    busy.value = true
    halt = new AbortController()
    here.press()
    try { done.value = await upload<T>(path, file.value, key, { query, stop: halt.signal, moved: (m) => { moved.value = m } }) } catch (e) {
      if (e instanceof Stopped) trouble.value = e.whole ? wSending.stoppedLate : wSending.stopped
      else if (e instanceof Unreachable) trouble.value = w.fault.unreachable
      else if (e instanceof Refused) fail(e)
      else throw e
    } finally {
      busy.value = false
      moved.value = null
    }
    if (!done.value) here.tell(trouble.value || y.leftSheet, file.value?.name)
  }
  /** Nothing more is wanted of it, also when it is on its way. */
  function leave(): void {
    halt.abort()
    clear()
  }
  return { moved, stop: () => halt.abort(), file, busy, trouble, faults, refused, asked, done, pick, send, clear: leave }
}
