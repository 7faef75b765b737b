// doubt.ts - the words of a branch that caught its province, and of entries it could not enter.
import { bilingual } from './speak'

export const d = bilingual(() => import('./doubt.zh'), () => import('./doubt.en'))
