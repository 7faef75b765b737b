// index.ts - the words every page has, and how a code or a name becomes one.
import { bilingual, lang } from './speak'
import { withRules } from './refusal'

export const w = withRules(bilingual(() => import('./shell.zh'), () => import('./shell.en')))

/** The Chinese or the English name of a thing that has both; English falls back to Chinese, never to nothing. */
export const named = (thing: { name_zh: string; name_en?: string | null }): string =>
  lang.value === 'en' && thing.name_en ? thing.name_en : thing.name_zh

export const role = (code: string | null | undefined): string => (code ? (w.roles[code] ?? code) : '')
