// away.ts - the words for when something is not there, or not as this page thinks.
import { bilingual } from './speak'

export const y = bilingual(() => import('./away.zh'), () => import('./away.en'))
