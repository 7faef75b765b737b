// once.ts - what the server says once: one-time passwords, invitations.  Each stays, whatever else is made meanwhile and
// whichever page is opened, until somebody closed it or made another for the same; of this login alone.
import { reactive, watch } from 'vue'
import type { Here } from './left'
import { who } from './site'
import { y } from './words/away'

export interface Once<T> {
  shown: T[]
  add: (it: T) => void
  close: (it: T) => void
}

const kinds = new Map<string, unknown[]>()

/** `of`: whom one is for; of those only the last is of use.  One that comes when its page was left is told of. */
export function useOnce<T extends object>(kind: string, of: (it: T) => string | number, here: Here): Once<T> {
  const shown = (kinds.get(kind) ?? kinds.set(kind, reactive([])).get(kind)!) as T[]
  const close = (it: T): void => { shown.splice(0, shown.length, ...shown.filter((x) => of(x) !== of(it))) }
  return { shown, close, add: (it) => { close(it); shown.unshift(it); here.tell(y.leftOnce, '', true) } }
}

watch(who, () => kinds.forEach((shown) => shown.splice(0)))
