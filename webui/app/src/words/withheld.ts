// withheld.ts - the words about records that were withheld by law.
import { bilingual } from './speak'

export const h = bilingual(() => import('./withheld.zh'), () => import('./withheld.en'))
