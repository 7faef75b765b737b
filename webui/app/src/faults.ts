// faults.ts - what a form knows of itself while it is open: its fields, what is wrong with them, whether it is being sent.
//
// Faults come from the page's own checks or from the server, by field, and are listed once at the top and once under the
// field.  It keeps nothing: draft.ts adds that.  The login is made of this alone, for it is the first page of all.
import { computed, nextTick, reactive, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { Refused, Unreachable, type Fault } from './api/client'
import { w } from './words'
import { ruleWords } from './words/refusal'

/** Asked of whoever filled it in: what is doubted may be right. */
const DOUBTS = ['outlier', 'future']

export interface FieldFault { text: string; doubt: boolean }

export interface Asked<T extends object> {
  fields: T
  faults: Record<string, FieldFault>
  listed: ComputedRef<{ field: string; label: string; fault: FieldFault }[]>
  other: Ref<string>                        // what belongs to no field
  lost: Ref<boolean>                        // nothing answered: it may be done
  busy: Ref<boolean>
  slow: Ref<boolean>
  fault: (field: string, rule: string, params?: Record<string, string | number>, doubt?: boolean) => void
  clear: () => void
  said: ShallowRef<Fault[]>                 // the refusal as it came, until the next try
  refuse: (faults: Fault[]) => void
  /** Runs `work`, turns refusals into faults and gives back whether it went well; 'cut' when nothing answered.  Whether it
   *  was done is not known then, and the form says so; `own`: the caller says or does something else. */
  send: (work: () => Promise<void>, own?: boolean) => Promise<'done' | 'refused' | 'cut'>
  lose: (why?: string) => void
  show: () => Promise<void>
  heading?: ComputedRef<string>             // what stands above `other`, when it is neither of the usual
  headline?: (bad: number, doubts: number) => string     // of a form whose content was to be saved
}

/** `told` may answer a refusal itself and gives back whether it did; `shown`: somebody looks at it. */
export function useAsked<T extends object>(
  start: T, order: string[], label: (field: string) => string, told: (refused: Refused) => boolean = () => false, shown = (): boolean => true
): Asked<T> {
  const fields = reactive({ ...start }) as T
  const faults = reactive<Record<string, FieldFault>>({})
  const other = ref('')
  const lost = ref(false)
  const busy = ref(false)
  const slow = ref(false)
  const said = shallowRef<Fault[]>([])

  const listed = computed(() => {
    const rank = (f: string): number => (order.includes(f) ? order.indexOf(f) : order.length)
    return Object.keys(faults).sort((a, b) => rank(a) - rank(b)).map((field) => ({ field, label: label(field), fault: faults[field]! }))
  })
  function clear(): void {
    for (const f of Object.keys(faults)) delete faults[f]
    other.value = ''
    lost.value = false
    said.value = []
  }
  function lose(why = w.fault.unreachable): void {
    other.value = why
    lost.value = true
  }
  function fault(field: string, rule: string, params = {}, doubt = false): void {
    faults[field] = { text: ruleWords(rule, params), doubt }
  }
  function place(f: Fault): void {
    const parts = (f.field ?? '').split(/[./]/)       // seasons.0.end_md is a fault of seasons, for a form that has these
    const field = parts.filter((p) => order.includes(p)).pop() ?? parts[parts.length - 1]!
    const text = ruleWords(f.rule, f.params, f.text)
    const more = (said: string, now: string): string => (!said ? now : said.split(w.semicolon).includes(now) ? said : `${said}${w.semicolon}${now}`)
    if (order.includes(field)) faults[field] = { text: more(faults[field]?.text ?? '', text), doubt: DOUBTS.includes(f.rule) && faults[field]?.doubt !== false }
    else other.value = more(other.value, (label(field) !== field ? `${label(field)}${w.colon}` : '') + text)
  }
  function refuse(by: Fault[]): void {
    said.value = by
    by.forEach(place)
  }
  async function show(): Promise<void> {
    await nextTick()
    if (shown()) document.querySelector<HTMLElement>('.errors')?.focus()
  }
  async function send(work: () => Promise<void>, own = false): Promise<'done' | 'refused' | 'cut'> {
    if (busy.value) return 'refused'
    clear()
    busy.value = true
    const timer = setTimeout(() => { slow.value = true }, 400)
    try {
      await work()
      return 'done'
    } catch (e) {
      if (own && e instanceof Refused && e.has('unheard')) return 'cut'       // nothing is wrong with it: it is taken later
      if (e instanceof Unreachable) {
        if (own) return 'cut'
        lose()
        await show()
        return 'cut'
      }
      if (!(e instanceof Refused)) throw e
      if (!told(e)) refuse(e.faults)
      await show()
      return 'refused'
    } finally {
      clearTimeout(timer)
      busy.value = slow.value = false
    }
  }
  return { fields, faults, listed, other, lost, lose, busy, slow, fault, clear, said, refuse, send, show }
}
