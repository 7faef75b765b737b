// draft.ts - a form that loses nothing.
//
// What is typed is kept on this device as a draft of this account until it is saved; a form without an id keeps nothing
// (passwords).  The Idempotency-Key belongs to the draft: another tab with the same draft makes the same record, and is
// told when this one has.
//
// A record that waited on this device and was refused is mended in its form (`?mend=` its key): it opens as it was filled in,
// with what is wrong marked, and what is saved takes the place of what waits, under the same key.
import { getCurrentScope, onScopeDispose, ref, watch, type Ref } from 'vue'
import { useRoute } from 'vue-router'
import { newKey } from './api/client'
import { draftOf, dropDraft, hearSaved, keepDraft, tellSaved } from './drafts'
import { useAsked, type Asked } from './faults'
import { drop, saveHere } from './waiting'
import { outbox, type Waiting } from './outbox'
import { who } from './site'
import { wForm } from './words/form'
import { everyRule } from './words/refusal'
import { y } from './words/away'

export interface Form<T extends object> extends Omit<Asked<T>, 'send'> {
  restored: Ref<boolean>
  elsewhere: Ref<boolean>                   // another tab has saved this draft
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
  touched: (fields: T) => boolean = (f) => JSON.stringify(f) !== JSON.stringify(start)): Form<T> {
  const account = who.value ?? ''
  const route = id ? useRoute() : null
  const mends = outbox.items.find((i) => i.faults && i.form?.id === id && i.key === route?.query.mend)
  const begin = { ...start, ...mends?.form?.fields } as T
  const shelf = mends ? `${id}.${mends.key}` : id           // beside a draft of a next one
  const draft = id ? draftOf(account, shelf) : undefined
  const asked = useAsked({ ...begin, ...draft?.fields } as T, order, label, (refused) => {
    if (!refused.has('key_reused')) return false
    anew()                                    // saved in another tab, with another content: a second press is meant
    other.value = y.elsewhere
    if (id) keepDraft(account, shelf, key, fields)
    return true
  })
  const { fields, other, busy } = asked
  const restored = ref(draft !== undefined)
  const elsewhere = ref(false)
  const kept = ref('')
  let key = mends?.key ?? draft?.key ?? newKey()
  let sent = ''                               // what was sent and not refused, as it will be told to other tabs
  if (mends) void everyRule().then(() => { asked.refuse(mends.faults ?? []); return asked.show() })

  // What nobody typed is no draft: an opened and untouched form leaves nothing behind.
  const untouched = JSON.stringify(begin)
  if (id) watch(fields, () => { if (touched(fields) && JSON.stringify(fields) !== untouched) keepDraft(account, shelf, key, fields); else dropDraft(account, shelf, key) }, { deep: true })

  /** What stands here becomes a record of its own if it is saved after all. */
  function anew(): void {
    key = newKey()
    elsewhere.value = true
    restored.value = false
  }
  const deaf = hearSaved((of, what) => {
    if (of !== key || busy.value) return
    anew()
    if (JSON.stringify(fields) === what) Object.assign(fields, start)
    else if (id) keepDraft(account, shelf, key, fields)
  })
  if (getCurrentScope()) onScopeDispose(deaf)

  function reset(): void {
    Object.assign(fields, begin)
    saved()
    asked.clear()
  }
  function saved(): void {
    if (id) dropDraft(account, shelf, key)
    if (sent) tellSaved(account, key, JSON.parse(sent) as object)
    key = mends && !sent ? mends.key : newKey()
    sent = ''
    restored.value = elsewhere.value = false
  }
  async function send(work: (key: string) => Promise<void>, own = false): Promise<'done' | 'refused' | 'cut'> {
    const what = JSON.stringify(fields)
    return asked.send(async () => {
      kept.value = ''
      await work(key)
      sent = what
      if (mends) await drop(mends.key)
    }, own)
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
  return { ...asked, restored, elsewhere, kept, mends, key: () => key, reset, saved, send, keepHere, headline: (bad, doubts) => wForm.form.notSaved(bad, doubts) }
}
