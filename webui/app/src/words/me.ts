// me.ts - the words of one's own page.
import { bilingual } from './speak'

export const wMe = bilingual(() => import('./me.zh'), () => import('./me.en'))
