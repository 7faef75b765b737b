// login.ts - the words of the login.
import { withRules } from './refusal'
import { bilingual } from './speak'

export const wLogin = withRules(bilingual(() => import('./login.zh'), () => import('./login.en')))
