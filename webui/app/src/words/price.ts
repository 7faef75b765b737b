// price.ts - the words of recording a price.
import { bilingual } from './speak'

export const wPrice = bilingual(() => import('./price.zh'), () => import('./price.en'))
