// load.ts - what a page fetches before it can show itself.
//
// Local reads show no spinner: `slow` turns true only after 400 ms.  The last answer of each address is kept, in memory
// and on the device; when the node does not answer, or not soon, the page shows it again and says how old it is.
import { getCurrentScope, onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import { get, Refused, Unreachable, type Query } from './api/client'
import { site, who } from './site'

const SLOW_MS = 400
const LATE_MS = 1500
const LATER_MS = 1500
const KEPT = 60
const memory = new Map<string, { data: unknown; at: number }>()

export interface Load<T> {
  data: ShallowRef<T | null>
  refused: ShallowRef<Refused | null>
  cut: Ref<boolean>                 // nothing answered and nothing was kept
  staleMs: Ref<number>              // when the shown data was fetched, if the node did not answer since
  slow: Ref<boolean>
  again: () => Promise<void>
}

/** On the device, once the first page stands. */
async function keepLater(account: string | undefined, name: string, data: unknown): Promise<void> {
  await loaded
  await import('./last').then(({ keepLast }) => keepLast(account, name, data)).catch(() => undefined)
}
const loaded = new Promise<void>((ok) => setTimeout(ok, LATER_MS))

const shown = new Set<() => Promise<void>>()
/** What stands on the screen is asked for again: something was done that no answer told of. */
export const readAgain = (): void => shown.forEach((again) => void again())

export function useLoad<T>(where: () => [string, Query?] | null): Load<T> {
  const data = shallowRef<T | null>(null)
  const refused = shallowRef<Refused | null>(null)
  const cut = ref(false)
  const staleMs = ref(0)
  const slow = ref(false)
  let turn = 0
  let has = ''                      // the address whose answer `data` is

  async function showLast(mine: number, name: string): Promise<void> {
    const account = who.value ?? undefined
    const old = memory.get(name) ?? await import('./last').then(({ lastOf }) => lastOf(account, name)).catch(() => undefined)
    if (mine !== turn || account !== (who.value ?? undefined) || !old) return
    has = name
    data.value = old.data as T
    staleMs.value = old.at
  }

  async function again(): Promise<void> {
    const target = where()
    if (!target) return
    const mine = ++turn
    const name = JSON.stringify(target)
    const timer = setTimeout(() => { if (mine === turn) slow.value = true }, SLOW_MS)
    const late = setInterval(() => { if (mine === turn && data.value === null && site.reach !== 'up') void showLast(mine, name) }, LATE_MS)
    const account = who.value ?? undefined
    try {
      const fresh = await get<T>(...target)
      if (mine !== turn) return
      if (account === (who.value ?? undefined)) {
        memory.delete(name)
        memory.set(name, { data: fresh, at: Date.now() })
        if (memory.size > KEPT) memory.delete(memory.keys().next().value!)
        void keepLater(account, name, fresh)
      }
      has = name
      data.value = fresh
      refused.value = null
      cut.value = false
      staleMs.value = 0
    } catch (e) {
      if (mine !== turn) return
      if (e instanceof Unreachable || (e instanceof Refused && e.has('other_account'))) {
        await showLast(mine, name)
        if (mine !== turn) return
        if (has !== name) data.value = null         // what stands here answers another question
        cut.value = data.value === null
      } else if (e instanceof Refused) refused.value = e
      else throw e
    } finally {
      clearTimeout(timer)
      clearInterval(late)
      if (mine === turn) slow.value = false
    }
  }

  watch(where, () => void again(), { immediate: true })
  // What could not be had is asked for again when there is an answer again.
  watch(() => site.reach === 'up' && !site.other, (well) => { if (well && (cut.value || staleMs.value)) void again() })
  shown.add(again)
  if (getCurrentScope()) onScopeDispose(() => shown.delete(again))
  return { data, refused, cut, staleMs, slow, again }
}

// Of the account before nothing is shown, nor kept when it comes late.
watch(who, () => memory.clear(), { flush: 'sync' })
