// form.ts - the words of every form, and of the rules it checks before it sends.
import { bilingual } from './speak'
import { withRules } from './refusal'

export const wForm = withRules(bilingual(() => import('./form.zh'), () => import('./form.en')))
