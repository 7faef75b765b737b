// compare.ts - the words of comparing prices.
import { bilingual } from './speak'

export const wCompare = bilingual(() => import('./compare.zh'), () => import('./compare.en'))
