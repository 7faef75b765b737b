// login.ts - the words of the login.
import { bilingual } from './speak'

export const wLogin = bilingual(() => import('./login.zh'), () => import('./login.en'))
