// draft.ts - a form that loses nothing.
//
// What is typed is kept on this device as a draft of this account until it is saved; a form without an id keeps nothing
// (passwords).  Faults come from the page's own checks or from the server, by field, and are listed once at the top and
// once under the field.  The Idempotency-Key belongs to the draft: another tab with the same draft makes the same
// record, and is told when this one has.
import { computed, getCurrentScope, nextTick, onScopeDispose, reactive, ref, watch, type ComputedRef, type Ref } from 'vue'
import { newKey, Refused, Unreachable, type Fault } from './api/client'
import { draftOf, dropDraft, hearSaved, keepDraft, tellSaved } from './drafts'
import { saveHere } from './waiting'
import type { Waiting } from './outbox'
import { site } from './site'
import './words/form'
import { w } from './words'
import { ruleWords } from './words/refusal'
import { y } from './words/away'

export interface FieldFault { text: string; doubt: boolean }

export interface Form<T extends object> {
  fields: T
  faults: Record<string, FieldFault>
  listed: ComputedRef<{ field: string; label: string; fault: FieldFault }[]>
  other: Ref<string>                        // what belongs to no field
  busy: Ref<boolean>
  slow: Ref<boolean>
  restored: Ref<boolean>
  elsewhere: Ref<boolean>                   // another tab has saved this draft
  kept: Ref<string>                         // what was just saved on this device
  key: () => string
  fault: (field: string, rule: string, params?: Record<string, string | number>, doubt?: boolean) => void
  clear: () => void
  reset: () => void
  saved: () => void
  /** Runs `work`, turns refusals into faults and gives back whether it went well; 'cut' when nothing answered. */
  send: (work: (key: string) => Promise<void>) => Promise<'done' | 'refused' | 'cut'>
  /** Nothing answered: what was to be sent waits on this device.  Gives the key it waits under, or null and says why not. */
  keepHere: (item: Pick<Waiting, 'path' | 'body' | 'title' | 'kind'>) => Promise<string | null>
  show: () => Promise<void>
}

export function useDraft<T extends object>(id: string, start: T, order: string[], label: (field: string) => string,
  touched: (fields: T) => boolean = (f) => JSON.stringify(f) !== JSON.stringify(start)): Form<T> {
  const account = site.account?.name ?? ''
  const draft = id ? draftOf(account, id) : undefined
  const fields = reactive({ ...start, ...draft?.fields }) as T
  const faults = reactive<Record<string, FieldFault>>({})
  const other = ref('')
  const busy = ref(false)
  const slow = ref(false)
  const restored = ref(draft !== undefined)
  const elsewhere = ref(false)
  const kept = ref('')
  let key = draft?.key ?? newKey()
  let sent = ''                               // what was sent and not refused, as it will be told to other tabs

  // What nobody typed is no draft: an opened and untouched form leaves nothing behind.
  if (id) watch(fields, () => { if (touched(fields)) keepDraft(account, id, key, fields); else dropDraft(account, id, key) }, { deep: true })

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
    else if (id) keepDraft(account, id, key, fields)
  })
  if (getCurrentScope()) onScopeDispose(deaf)

  const listed = computed(() => {
    const rank = (f: string): number => (order.includes(f) ? order.indexOf(f) : order.length)
    return Object.keys(faults).sort((a, b) => rank(a) - rank(b)).map((field) => ({ field, label: label(field), fault: faults[field]! }))
  })

  function clear(): void {
    for (const f of Object.keys(faults)) delete faults[f]
    other.value = ''
  }
  function fault(field: string, rule: string, params = {}, doubt = false): void {
    faults[field] = { text: ruleWords(rule, params), doubt }
  }
  function place(f: Fault): void {
    const field = (f.field ?? '').replace(/^.*[./]/, '')
    if (field && order.includes(field)) faults[field] = { text: ruleWords(f.rule, f.params, f.text), doubt: f.rule === 'outlier' }
    else other.value = (label(field) !== field ? `${label(field)}${w.colon}` : '') + ruleWords(f.rule, f.params, f.text)
  }
  async function show(): Promise<void> {
    await nextTick()
    document.querySelector<HTMLElement>('.errors')?.focus()
  }
  function reset(): void {
    Object.assign(fields, start)
    saved()
    clear()
  }
  function saved(): void {
    if (id) dropDraft(account, id, key)
    if (sent) tellSaved(account, key, JSON.parse(sent) as object)
    sent = ''
    restored.value = elsewhere.value = false
    key = newKey()
  }
  async function send(work: (key: string) => Promise<void>): Promise<'done' | 'refused' | 'cut'> {
    if (busy.value) return 'refused'
    clear()
    kept.value = ''
    const what = JSON.stringify(fields)
    busy.value = true
    const timer = setTimeout(() => { slow.value = true }, 400)
    try {
      await work(key)
      sent = what
      return 'done'
    } catch (e) {
      if (e instanceof Unreachable) return 'cut'
      if (!(e instanceof Refused)) throw e
      if (e.has('key_reused')) {
        anew()                                // saved in another tab, with another content: a second press is meant
        other.value = y.elsewhere
        if (id) keepDraft(account, id, key, fields)
      } else e.faults.forEach(place)
      await show()
      return 'refused'
    } finally {
      clearTimeout(timer)
      busy.value = slow.value = false
    }
  }
  async function keepHere(item: Pick<Waiting, 'path' | 'body' | 'title' | 'kind'>): Promise<string | null> {
    const under = key
    const how = await saveHere({ ...item, key, account })
    if (how === 'no') other.value = w.fault.unreachable
    if (how === 'twice') { anew(); other.value = y.elsewhere }
    if (how !== 'kept') { await show(); return null }
    sent = JSON.stringify(fields)
    reset()
    kept.value = item.title
    return under
  }
  return { fields, faults, listed, other, busy, slow, restored, elsewhere, kept, key: () => key, fault, clear, reset, saved, send, keepHere, show }
}
