// once.ts - what the server says once: one-time passwords, invitations.  Each stays, whatever else is made meanwhile and
// whichever page is opened, until somebody closed it or made another for the same; of this login alone.
import { reactive, watch } from 'vue'
import { who } from './site'

export interface Once<T> {
  shown: T[]
  add: (it: T) => void
  close: (it: T) => void
}

const kinds = new Map<string, unknown[]>()

/** `of`: whom one is for; of those only the last is of use. */
export function useOnce<T extends object>(kind: string, of: (it: T) => string | number): Once<T> {
  const shown = (kinds.get(kind) ?? kinds.set(kind, reactive([])).get(kind)!) as T[]
  const close = (it: T): void => { shown.splice(0, shown.length, ...shown.filter((x) => of(x) !== of(it))) }
  return { shown, close, add: (it) => { close(it); shown.unshift(it) } }
}

watch(who, () => kinds.forEach((shown) => shown.splice(0)))
