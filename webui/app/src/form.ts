// form.ts - a form for a record: its fields are called what the columns of records are called.
import { useDraft, type Form } from './draft'
import type { Say } from './differences'
import { wFields } from './words/fields'

export type { Form } from './draft'

export const useForm = <T extends object>(id: string, start: T, order: string[], label: (field: string) => string = (f) => wFields[f] ?? f,
  touched?: (fields: T) => boolean, say?: Say): Form<T> => useDraft(id, start, order, label, touched, say)
