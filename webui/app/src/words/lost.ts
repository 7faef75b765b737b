// lost.ts - the words of pages that are not there, or not for this role.
import { bilingual } from './speak'

export const wLost = bilingual(() => import('./lost.zh'), () => import('./lost.en'))
