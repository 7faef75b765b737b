// rules.ts - the words of all rules; importing this asks for them.
import { bilingual } from './speak'
import { withRules } from './refusal'
import './form'

withRules(bilingual(() => import('./rules.zh'), () => import('./rules.en')))

export { knowsRule, ruleWords } from './refusal'
