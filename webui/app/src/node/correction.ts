// correction.ts - a form that records something, or corrects what was recorded.
//
// A correction begins with what the record says.  What nobody changed since is no draft, and is not saved once more.
import { ref, watch, type Ref } from 'vue'
import { useForm, type Form } from '../form'

type Flat = Record<string, string | number | boolean>

export interface Correction<T extends object> {
  form: Form<T>
  begin: Ref<T>                     // nothing, or what the record says
  touched: () => boolean            // otherwise than it began
}

const trimmed = (v: Flat[string]): Flat[string] => (typeof v === 'string' ? v.trim() : v)

/** `says`: the record that is corrected, as the form holds one; null: there is none, or it has not come. */
export function useCorrection<T extends Flat>(id: string, start: T, order: string[], says: () => T | null): Correction<T> {
  const begin = ref({ ...start }) as Ref<T>
  const same = (a: Flat, b: Flat): boolean => Object.keys(start).every((k) => trimmed(a[k]!) === trimmed(b[k]!))
  const form = useForm(id, start, order, undefined, (now) => !same(now, begin.value) && !same(now, start))
  const f = form.fields as T
  watch([says, form.emptied], ([record]) => {
    if (!record) return
    const typed = !same(f, begin.value) && !same(f, start)        // and is not overwritten by what comes late, or once more
    begin.value = record
    if (!typed) Object.assign(f, record)
  })
  return { form, begin, touched: () => !same(f, begin.value) }
}
