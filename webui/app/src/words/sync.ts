// sync.ts - the words of the way to the province.
import { bilingual } from './speak'

export const wSync = bilingual(() => import('./sync.zh'), () => import('./sync.en'))
