// draft.ts - a form that loses nothing.
//
// What is typed is kept on this device as a draft of this account until it is saved; a form without an id keeps nothing
// (passwords).  The Idempotency-Key belongs to the draft: another tab with the same draft makes the same record, and is
// told when this one has.  A press whose answer was lost is remembered with it: when the form was changed since and the
// server knows the key, it was that press, and the form says what it did.  So a key goes to one address: a form of an act
// upon a row is made by act.ts, for that row alone.
//
// A record that waited on this device and was refused is mended in its form (`?mend=` its key): it opens as it was filled in,
// with what is wrong marked, and what is saved takes the place of what waits, under the same key.
import { computed, getCurrentScope, onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import { useRoute } from 'vue-router'
import { newKey } from './api/client'
import { draftOf, dropDraft, hearSaved, keepDraft, tellSaved } from './drafts'
import { differences, type Say } from './differences'
import { useAsked, type Asked } from './faults'
import { readAgain } from './load'
import { drop, saveHere } from './waiting'
import { outbox, type Waiting } from './outbox'
import { who } from './site'
import { wForm } from './words/form'
import { everyRule } from './words/refusal'
import { y } from './words/away'

export interface Form<T extends object> extends Omit<Asked<T>, 'send'> {
  restored: Ref<boolean>
  emptied: Ref<number>                      // so often the fields were set back to how they began: what is corrected fills them again
  elsewhere: Ref<boolean>                   // another tab has saved this draft
  earlier: ShallowRef<T | null>             // what a press whose answer was lost has done, as it was filled in then
  kept: Ref<string>                         // what was just saved on this device
  mends: Waiting | undefined                // the refused record that is mended here
  key: () => string
  reset: () => void
  saved: () => void
  send: (work: (key: string) => Promise<void>, own?: boolean) => Promise<'done' | 'refused' | 'cut'>
  /** Nothing answered: what was to be sent waits on this device.  Gives the key it waits under, or null and says why not. */
  keepHere: (item: Pick<Waiting, 'path' | 'body' | 'title' | 'kind'>) => Promise<string | null>
}

export function useDraft<T extends object>(id: string, start: T, order: string[], label: (field: string) => string,
  touched: (fields: T) => boolean = (f) => JSON.stringify(f) !== JSON.stringify(start), say: Say = (_, v) => String(v)): Form<T> {
  const account = who.value ?? ''
  const route = id ? useRoute() : null
  const mends = outbox.items.find((i) => i.faults && i.form?.id === id && i.key === route?.query.mend)
  const begin = { ...start, ...mends?.form?.fields } as T
  const shelf = mends ? `${id}.${mends.key}` : id           // beside a draft of a next one
  const draft = id ? draftOf(account, shelf) : undefined
  const asked = useAsked({ ...begin, ...draft?.fields } as T, order, label, (refused) => {
    if (!refused.has('key_reused')) return false
    const before = pressed
    anew()                                    // saved with another content: a second press is meant
    if (before.length) {
      earlier.value = before.length === 1 ? before[0]! : null     // of several nobody knows here which it was
      elsewhere.value = false
      readAgain()
    }
    other.value = earlier.value ? y.earlier(differences(earlier.value, fields, label, say)) : before.length ? y.earlierOf : y.elsewhere      // else in another tab
    keep()
    return true
  })
  const { fields, other, busy } = asked
  const restored = ref(draft !== undefined && JSON.stringify(fields) !== JSON.stringify(begin))
  const emptied = ref(0)
  const elsewhere = ref(false)
  const kept = ref('')
  let key = mends?.key ?? draft?.key ?? newKey()
  const earlier = shallowRef(null) as ShallowRef<T | null>
  const heading = computed(() => (earlier.value && other.value ? y.earlierHead : ''))
  let pressed = [draft?.pressed ?? []].flat() as T[]    // what was sent under this key and got no answer
  let sent = ''                               // what was sent and not refused, as it will be told to other tabs
  if (mends) void everyRule().then(() => { asked.refuse(mends.faults ?? []); return asked.show() })

  // What nobody typed is no draft: an opened and untouched form leaves nothing behind.
  const untouched = JSON.stringify(begin)
  const keep = (): void => { if (id) keepDraft(account, shelf, key, fields, pressed) }
  if (id) watch(fields, () => { if (pressed.length || (touched(fields) && JSON.stringify(fields) !== untouched)) keep(); else dropDraft(account, shelf, key) }, { deep: true })

  /** What stands here becomes a record of its own if it is saved after all. */
  function anew(): void {
    key = newKey()
    pressed = []
    elsewhere.value = true
    restored.value = false
  }
  const deaf = hearSaved((of, what) => {
    if (of !== key || busy.value) return
    anew()
    if (JSON.stringify(fields) === what) empty(start)
    else keep()
  })
  if (getCurrentScope()) onScopeDispose(deaf)

  function empty(as: T): void { Object.assign(fields, as); emptied.value++ }
  function reset(): void {
    empty(begin)
    saved()
    asked.clear()
  }
  function saved(): void {
    if (id) dropDraft(account, shelf, key)
    if (sent) tellSaved(account, key, JSON.parse(sent) as object)
    key = mends && !sent ? mends.key : newKey()
    sent = ''
    pressed = []
    restored.value = elsewhere.value = false
  }
  async function send(work: (key: string) => Promise<void>, own = false): Promise<'done' | 'refused' | 'cut'> {
    const what = JSON.stringify(fields)
    earlier.value = null
    const result = await asked.send(async () => {
      kept.value = ''
      await work(key)
      sent = what
      if (mends) await drop(mends.key)
    }, own)
    if (result === 'cut') {
      if (!pressed.some((p) => JSON.stringify(p) === what)) pressed.push(JSON.parse(what) as T)
      keep()
    }
    return result
  }
  async function keepHere(item: Pick<Waiting, 'path' | 'body' | 'title' | 'kind'>): Promise<string | null> {
    const under = key
    const form = route ? { id, path: route.path, query: { ...route.query, mend: undefined }, fields } : undefined
    const how = await saveHere({ ...item, key, account, form })
    if (how === 'no') asked.lose()
    if (how === 'twice') { anew(); other.value = y.elsewhere }
    if (how !== 'kept') { await asked.show(); return null }
    sent = JSON.stringify(fields)
    if (mends && mends.key !== under) await drop(mends.key)
    reset()
    kept.value = item.title
    return under
  }
  return { ...asked, restored, emptied, elsewhere, earlier, heading, kept, mends, key: () => key, reset, saved, send, keepHere, headline: (bad, doubts) => wForm.form.notSaved(bad, doubts) }
}
