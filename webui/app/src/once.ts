// once.ts - what the server says once: one-time passwords, invitations.  Each stays, whatever else is made meanwhile, whichever
// page is opened and whether or not its login ends, until its account closed it or made another for the same; it is shown to
// that account alone.
import { reactive } from 'vue'
import type { Here } from './left'
import { who } from './site'
import { hold } from './stake'
import { y } from './words/away'

export interface Once<T> {
  readonly shown: T[]
  add: (it: T) => void
  close: (it: T) => void
}

const kinds = reactive(new Map<string, { account: string; it: unknown }[]>())
hold(() => [...kinds.values()].some((all) => all.length > 0))

/** `of`: whom one is for; of those only the last is of use.  One that comes when its page was left is told of. */
export function useOnce<T extends object>(kind: string, of: (it: T) => string | number, here: Here): Once<T> {
  const { account } = here
  const all = (): { account: string; it: T }[] => (kinds.get(kind) ?? []) as { account: string; it: T }[]
  const but = (it: T): { account: string; it: T }[] => all().filter((x) => x.account !== account || of(x.it) !== of(it))
  return {
    get shown() { return all().filter((x) => x.account === who.value).map((x) => x.it) },
    close: (it) => { kinds.set(kind, but(it)) },
    add: (it) => { kinds.set(kind, [{ account, it }, ...but(it)]); here.tell(y.leftOnce, '', true) },
  }
}
