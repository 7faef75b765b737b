// names.ts - how places are called in a line that has no room for all of a name.
import { lang } from './words/speak'
import { w } from './words'

/** 淳安县 → 淳安, 普陀区 → 普陀; names of two characters keep theirs. */
export const shortPlace = (name: string): string =>
  lang.value === 'zh' && name.length > 2 ? name.replace(/(县|市|区|自治县|畲族自治县)$/, '').replace(/畲族自治$/, '') : name.replace(/ (She Autonomous County|County|City|District|Prefecture)( \(.*\))?$/i, '')

/** The origin of a product in the language of the page. */
export const origin = (item: { origin_name: string; origin_name_en: string }): string => (lang.value === 'en' && item.origin_name_en) || item.origin_name
/** The product of a record in the language of the page. */
export const productName = (r: { product_name: string; product_name_en: string }): string => (lang.value === 'en' && r.product_name_en) || r.product_name
export const originShort = (item: { origin_name: string; origin_name_en: string }): string => shortPlace(origin(item))
export const prefecture = (code: string | number): string => w.prefectureOf(String(code))
