// index.ts - the shared words, and how a code or a refusal becomes one.
import zh from './zh'
import { bilingual, lang } from './speak'

export const w = bilingual(zh, () => import('./en'))

/** The Chinese or the English name of a thing that has both; English falls back to Chinese, never to nothing. */
export const named = (thing: { name_zh: string; name_en?: string | null }): string =>
  lang.value === 'en' && thing.name_en ? thing.name_en : thing.name_zh

export const subgroup = (code: string): string => w.subgroups[code] ?? code
export const unit = (code: string): string => w.units[code] ?? code
export const role = (code: string | null | undefined): string => (code ? (w.roles[code] ?? code) : '')

/** A rule of the server as a sentence of the page; a rule nobody translated keeps the server's own text. */
export function ruleWords(rule: string, params: Record<string, string | number> = {}, text = ''): string {
  const say = w.rules[rule]
  return say ? say(params) : text || w.fault.unknown
}
