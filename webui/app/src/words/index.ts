// index.ts - the words every page has, and how a code or a name becomes one.
import { bilingual, lang } from './speak'
import { withRules } from './refusal'

export const w = withRules(bilingual(() => import('./shell.zh'), () => import('./shell.en')))

/** The Chinese or the English name of a thing that has both; English falls back to Chinese, never to nothing. */
export const named = (thing: { name_zh: string; name_en?: string | null }): string =>
  lang.value === 'en' && thing.name_en ? thing.name_en : thing.name_zh

export const role = (code: string | null | undefined): string => (code ? (Object.prototype.hasOwnProperty.call(w.roles, code) ? w.roles[code]! : code) : '')

/** Who did something: an account may be called as a role is, and is no role; only `system` is nobody's. */
export const who = (account: string): string => (account === 'system' ? role(account) : account)
