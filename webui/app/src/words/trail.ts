// trail.ts - the words of the audit pages beside the list itself.
import { bilingual } from './speak'

export const t = bilingual(() => import('./trail.zh'), () => import('./trail.en'))
