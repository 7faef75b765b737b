// trail.ts - the words of the audit pages beside the list itself.
import zh from './trail.zh'
import { bilingual } from './speak'

export const t = bilingual(zh, () => import('./trail.en'))
