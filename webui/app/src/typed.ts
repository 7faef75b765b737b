// typed.ts - what is typed into a search.  It is taken once the hand rests, and by nobody when the page was left meanwhile: the
// address is that of another page by then.
import { getCurrentScope, onScopeDispose, ref, watch, type Ref } from 'vue'

/** `work` is done when it was not asked for again for so long. */
export function useRest<A extends unknown[]>(work: (...of: A) => void, ms = 200): (...of: A) => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  if (getCurrentScope()) onScopeDispose(() => clearTimeout(timer))
  return (...of) => {
    clearTimeout(timer)
    timer = setTimeout(() => work(...of), ms)
  }
}

/** A field for what stands in the address. */
export function useTyped(stands: () => string, take: (q: string) => void, ms?: number): Ref<string> {
  const typed = ref(stands())
  const rest = useRest((q: string) => { if (q !== stands()) take(q) }, ms)
  watch(typed, (q) => rest(q.trim()))
  watch(stands, (q) => { if (q !== typed.value.trim()) typed.value = q })
  return typed
}
