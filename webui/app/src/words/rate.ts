// rate.ts - the words of rating.
import { bilingual } from './speak'

export const wRate = bilingual(() => import('./rate.zh'), () => import('./rate.en'))
