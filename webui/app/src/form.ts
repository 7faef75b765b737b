// form.ts - a form that loses nothing.
//
// What is typed is kept on this device as a draft of this account until it is saved.  Faults come from the page's
// own checks or from the server, by field, and are listed once at the top and once under the field.  The
// Idempotency-Key is made with the form and changes only when something that was saved is followed by something new.
import { computed, nextTick, reactive, ref, watch, type ComputedRef, type Ref } from 'vue'
import { newKey, Refused, Unreachable, type Fault } from './api/client'
import { forget, keep, recall } from './keep'
import { site } from './site'
import './words/form'
import { wFields } from './words/fields'
import { w } from './words'
import { ruleWords } from './words/refusal'

export interface FieldFault { text: string; doubt: boolean }

export interface Form<T extends object> {
  fields: T
  faults: Record<string, FieldFault>
  listed: ComputedRef<{ field: string; label: string; fault: FieldFault }[]>
  other: Ref<string>                        // what belongs to no field
  busy: Ref<boolean>
  slow: Ref<boolean>
  restored: Ref<boolean>
  key: () => string
  fault: (field: string, rule: string, params?: Record<string, string | number>, doubt?: boolean) => void
  clear: () => void
  reset: () => void
  saved: () => void
  /** Runs `work`, turns refusals into faults and gives back whether it went well; 'cut' when nothing answered. */
  send: (work: (key: string) => Promise<void>) => Promise<'done' | 'refused' | 'cut'>
  show: () => Promise<void>
}

export function useForm<T extends object>(id: string, start: T, order: string[], label: (field: string) => string = (f) => wFields[f] ?? f,
  touched: (fields: T) => boolean = (f) => JSON.stringify(f) !== JSON.stringify(start)): Form<T> {
  const name = `draft.${site.account?.name ?? ''}.${id}`
  const draft = recall<Partial<T> | null>(name, null)
  const fields = reactive({ ...start, ...draft }) as T
  const faults = reactive<Record<string, FieldFault>>({})
  const other = ref('')
  const busy = ref(false)
  const slow = ref(false)
  const restored = ref(draft !== null)
  let key = newKey()

  // What nobody typed is no draft: an opened and untouched form leaves nothing behind.
  watch(fields, () => { if (touched(fields)) keep(name, fields); else forget(name) }, { deep: true })

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
    else other.value = (field ? `${label(field)}${w.colon}` : '') + ruleWords(f.rule, f.params, f.text)
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
    void nextTick(() => forget(name))
    restored.value = false
    key = newKey()
  }
  async function send(work: (key: string) => Promise<void>): Promise<'done' | 'refused' | 'cut'> {
    if (busy.value) return 'refused'
    clear()
    busy.value = true
    const timer = setTimeout(() => { slow.value = true }, 400)
    try {
      await work(key)
      return 'done'
    } catch (e) {
      if (e instanceof Unreachable) return 'cut'
      if (!(e instanceof Refused)) throw e
      e.faults.forEach(place)
      await show()
      return 'refused'
    } finally {
      clearTimeout(timer)
      busy.value = slow.value = false
    }
  }
  return { fields, faults, listed, other, busy, slow, restored, key: () => key, fault, clear, reset, saved, send, show }
}
