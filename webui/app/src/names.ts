// names.ts - how places are called in a line that has no room for all of a name.
import { lang } from './words/speak'
import { named } from './words'
import type { Proposal } from './api/shapes'

/** 淳安县 → 淳安, 普陀区 → 普陀; names of two characters keep theirs. */
export const shortPlace = (name: string): string =>
  lang.value === 'zh' && name.length > 2
    ? name.replace(/(县|市|区|自治县|畲族自治县)$/, '').replace(/畲族自治$/, '')
    : name.replace(/ (She Autonomous County|County|City|District|Prefecture)( \(.*\))?$/i, '')

/** The origin of a product in the language of the page. */
export const origin = (item: { origin_name: string; origin_name_en: string }): string => (lang.value === 'en' && item.origin_name_en) || item.origin_name
/** The product of a record in the language of the page. */
export const productName = (r: { product_name: string; product_name_en: string }): string => (lang.value === 'en' && r.product_name_en) || r.product_name
export const originShort = (item: { origin_name: string; origin_name_en: string }): string => shortPlace(origin(item))
/** Where a supplier is, in the language of the page. */
export const placeName = (s: { division_name: string; division_name_en: string }): string => named({ name_zh: s.division_name, name_en: s.division_name_en })
/** The branch of a record in the language of the page. */
export const branchName = (r: { branch_name: string; branch_name_en: string }): string => named({ name_zh: r.branch_name, name_en: r.branch_name_en })
/** What a proposal is about: what it is for, what the new thing would be called, its number. */
export function proposalName(p: Proposal): string {
  const english = p.target_name_en || (p.kind === 'new_product' && p.patch?.name_en)
  if (lang.value === 'en' && english) return String(english)
  return p.target_name ?? String(p.patch?.name_zh ?? p.patch?.name ?? p.no)
}
