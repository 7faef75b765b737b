// home.ts - the words of a branch's home.
import { bilingual } from './speak'

export const wHome = bilingual(() => import('./home.zh'), () => import('./home.en'))
