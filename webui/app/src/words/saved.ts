// saved.ts - the words of one record and where it is.
import { bilingual } from './speak'

export const wSaved = bilingual(() => import('./saved.zh'), () => import('./saved.en'))
