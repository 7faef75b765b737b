// doubt.ts - the words of a branch that caught its province, and of entries it could not enter.
import zh from './doubt.zh'
import { bilingual } from './speak'

export const d = bilingual(zh, () => import('./doubt.en'))
