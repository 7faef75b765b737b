// pick.ts - the words of choosing the product to record.
import { bilingual } from './speak'

export const wPick = bilingual(() => import('./pick.zh'), () => import('./pick.en'))
