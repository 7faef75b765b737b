// late.ts - the words of a log that waits for its witnesses.
import { bilingual } from './speak'

export const wLate = bilingual(() => import('./late.zh'), () => import('./late.en'))
