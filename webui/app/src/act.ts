// act.ts - the form of an act upon one row: a judgement, a revocation, a question.
//
// Form, draft, Idempotency-Key and the presses whose answers were lost belong to one row and one act.  The row is the address
// the act is sent to, and is given when the form is made: a form that serves the next row is another form.  Where an act can
// be done again on the same row, `of` says which one it is by what is read: the enrolment that is revoked, how many questions
// stand.  So a key ends when what is read shows that the act was done, and never goes to another row, nor to a second act.
import { post, Refused } from './api/client'
import { useDraft, type Form } from './draft'
import { draftsBeside, dropDraft } from './drafts'
import type { Say } from './differences'
import { who } from './site'
import { wFields } from './words/fields'

export interface Act<T extends object> extends Omit<Form<T>, 'send' | 'key' | 'record' | 'mends'> {
  id: string
  /** `heard` may take a refusal for the act being done. */
  send: (body: object, heard?: (refused: Refused) => boolean | Promise<boolean>) => Promise<'done' | 'refused' | 'cut'>
}

/** The one text that an act may take. */
export interface Ask { id: string; field: string; label: string; hint?: string; rows: number; most: number }

export interface Which<T> {
  of?: string | number | null
  label?: (field: string) => string
  touched?: (fields: T) => boolean
  say?: Say
  /** What was typed for the act before and is not what stands now is carried over into this one. */
  stands?: (typed: T) => boolean
}

export const actId = (path: string, of?: string | number | null): string => (of === undefined || of === null || of === '' ? path : `${path}#${of}`)

export function useAct<T extends object>(path: string, start: T, order: string[], which: Which<T> = {}): Act<T> {
  const id = actId(path, which.of)
  const account = who.value ?? ''
  const before = which.stands ? draftsBeside(account, path, id) : []
  const typed = before.map((d) => d.fields as T).find((f) => !which.stands!(f))
  const form = useDraft(id, start, order, which.label ?? ((f) => wFields[f] ?? f), which.touched, which.say)
  for (const d of before) dropDraft(account, d.id, d.key)
  if (typed && JSON.stringify(form.fields) === JSON.stringify(start)) Object.assign(form.fields, typed)
  return {
    ...form, id,
    send: (body, heard) => form.send(async (key) => {
      try { await post(path, body, key) } catch (e) {
        if (!(e instanceof Refused) || !await heard?.(e)) throw e
      }
    }),
  }
}
