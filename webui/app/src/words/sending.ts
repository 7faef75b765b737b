// sending.ts - the words of a file on its way.
import { bilingual } from './speak'

export const wSending = bilingual(() => import('./sending.zh'), () => import('./sending.en'))
