// fields.ts - what the columns and fields of records are called.
import { bilingual } from './speak'

export const wFields = bilingual(() => import('./fields.zh'), () => import('./fields.en'))
