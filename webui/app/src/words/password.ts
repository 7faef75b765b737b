// password.ts - the words of changing a password.
import { bilingual } from './speak'

export const wPassword = bilingual(() => import('./password.zh'), () => import('./password.en'))
