// records.ts - the words of the lists of records.
import { bilingual } from './speak'

export const wRecords = bilingual(() => import('./records.zh'), () => import('./records.en'))
