// outbox.ts - records saved on this device because the node did not answer: 已存本机.  Here is the list as the pages show it;
// what reads it from the store, adds to it and sends it is waiting.ts, which is fetched when something waits.
import { reactive } from 'vue'
import type { LocationQueryRaw } from 'vue-router'
import type { Fault } from './api/client'

/** The form it was filled in: which, where it is opened, what stood in it, and what else had been sent under its key without an answer. */
export interface FilledIn { id: string; path: string; query: LocationQueryRaw; fields: object; pressed?: object[] }

/** What the node answered when this was last sent, and when, by this device's clock, and how far that was ahead of the node's.
 *  No answer is none.  `role`: the one that may not send it.  `every`: so was every press of it answered, and the branch has it not. */
export interface Told { faults: Fault[]; at_ms: number; off_ms?: number; role?: string | undefined; every?: boolean }

export interface Waiting {
  key: string
  path: string
  body: Record<string, unknown>
  title: string
  kind: 'price' | 'evaluation' | 'proposal' | 'confirmation'
  account: string                         // and the site: site.ts, who
  at_ms: number
  faults: Fault[] | null                  // why the branch did not take it: a person has to mend or drop it
  told?: Told
  form?: FilledIn
  sent?: { id: number; no: string | null }
}

/** A press that got no answer, and nobody knows whether it was saved until a person presses again: what it was called, and where its
 *  form is.  Of a record that was refused and mended here, under that one's key. */
export interface Unanswered { key: string; title: string; path: string; at_ms: number }

/** Of the account whose page this is, and of no other.  Of what waits for others nothing is shown but how much and whose: at another
 *  branch (its code), at this one (the account), and at this one before it was set up anew, whose key nobody answers for any more.
 *  Of the last, whoever has the author's name here sees their own: to record them again, and to drop them. */
export const outbox = reactive<{
  items: Waiting[]; unanswered: Unanswered[]; elsewhere: string[]; others: string[]; former: string[]; mineOfBefore: Waiting[]
  pressed: string[]                       // the keys of presses without an answer, and of those on their way from this tab
  unread?: boolean                        // something waits, and this device's store does not say what
}>({
  items: [], unanswered: [], pressed: [], elsewhere: [], others: [], former: [], mineOfBefore: [],
})
/** Of `name@site`. */
export const nameOf = (account: string): string => account.split('@')[0]!
export const siteOf = (account: string): string => account.split('@')[1] ?? ''
export const waiting = (): Waiting[] => outbox.items.filter((i) => !i.sent)
/** What the branch did not take: nothing that was sent since may have come there. */
export const returned = (): Waiting[] => waiting().filter((i) => i.faults && !isPressed(i))
export const isPressed = (item: Waiting): boolean => outbox.pressed.includes(item.key)
