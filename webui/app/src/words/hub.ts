// hub.ts - the words of the province's pages.
import zh from './hub.zh'
import { bilingual } from './speak'

export const u = bilingual(zh, () => import('./hub.en'))
