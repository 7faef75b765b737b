// unheard.ts - the words of a branch that has not heard the province yet.
import { bilingual } from './speak'

export const wUnheard = bilingual(() => import('./unheard.zh'), () => import('./unheard.en'))
