// stick.ts - the words of carrying records to the province by hand.
import { bilingual } from './speak'

export const wStick = bilingual(() => import('./stick.zh'), () => import('./stick.en'))
