// returned.ts - the words for what waits to be mended.
import { bilingual } from './speak'

export const wReturned = bilingual(() => import('./returned.zh'), () => import('./returned.en'))
