// audit.ts - the words of the list of the audit.
import { bilingual } from './speak'

export const wAudit = bilingual(() => import('./audit.zh'), () => import('./audit.en'))
