// list.ts - a list fetched page by page, that keeps its place.
//
// A page begins behind the last row of the one before (`next` of the answer), so what is recorded meanwhile shows no
// row twice and hides none.  One request for more at a time; an answer that comes after the list has become another is
// dropped.  How many rows were shown stands in the history entry: Back fetches as many at once, and the page scrolls
// when they are there.  A crumb leads back to the same place as Back does.
import { computed, onUnmounted, ref, watch, type ComputedRef, type Ref } from 'vue'
import { onBeforeRouteLeave } from 'vue-router'
import { get, Refused, Unreachable, type Query } from './api/client'
import { useLoad, type Load } from './load'
import { expectRows, leaveAt } from './place'
import { w } from './words'
import { ruleWords } from './words/refusal'

const PAGE = 50
const MOST = 1000                    // what the server gives at once

export interface Paged<T> { items: T[]; total: number; export_most?: number; next: string | null }

export interface Rows<T, A extends Paged<T>> extends Load<A> {
  items: ComputedRef<T[]>
  total: ComputedRef<number>
  more: ComputedRef<boolean>         // there are rows behind the last one
  busy: Ref<boolean>
  trouble: Ref<string>
  fetchMore: () => Promise<void>
}

const wanted = (): number => Math.min(MOST, Math.max(PAGE, Number((history.state as { rows?: number } | null)?.rows ?? 0)))
const keepRows = (rows: number): void => history.replaceState({ ...history.state, rows }, '')

/** `where` is the address without its page; `id` tells rows apart. */
export function useList<T, A extends Paged<T> = Paged<T>>(where: () => [string, Query?] | null, id: (row: T) => unknown): Rows<T, A> {
  let want = wanted()
  let name = ''
  const load = useLoad<A>(() => {
    const at = where()
    if (!at) return null
    const now = JSON.stringify(at)
    if (name && now !== name) {        // another list: from its beginning
      want = PAGE
      keepRows(PAGE)
    }
    name = now
    return [at[0], { ...at[1], limit: want }]
  })
  const busy = ref(false)
  const trouble = ref('')
  const items = computed(() => load.data.value?.items ?? [])
  const more = computed(() => load.data.value?.next != null)

  const there = expectRows()
  const stop = watch([load.data, load.refused, load.cut], ([data, refused, cut]) => { if (data || refused || cut) there() }, { flush: 'post', immediate: true })
  onUnmounted(() => { stop(); there() })
  onBeforeRouteLeave((_to, from) => { leaveAt(from.path, { to: from.fullPath, rows: items.value.length, top: scrollY }) })

  async function fetchMore(): Promise<void> {
    const shown = load.data.value
    const at = where()
    if (busy.value || !at || !shown?.next) return
    busy.value = true
    trouble.value = ''
    try {
      const page = await get<A>(at[0], { ...at[1], after: shown.next, limit: PAGE })
      if (load.data.value !== shown) return
      const had = new Set(shown.items.map(id))
      load.data.value = { ...page, items: [...shown.items, ...page.items.filter((row) => !had.has(id(row)))] }
      want = Math.min(MOST, load.data.value.items.length)
      keepRows(want)
    } catch (e) {
      if (e instanceof Unreachable) trouble.value = w.fault.unread
      else if (e instanceof Refused) trouble.value = e.faults.map((f) => ruleWords(f.rule, f.params, f.text)).join(w.semicolon)
      else throw e
    } finally {
      busy.value = false
    }
  }

  return { ...load, items, total: computed(() => load.data.value?.total ?? 0), more, busy, trouble, fetchMore }
}
