// ruling.ts - the words of what the province said of a record.
import { bilingual } from './speak'

export const wRuling = bilingual(() => import('./ruling.zh'), () => import('./ruling.en'))
