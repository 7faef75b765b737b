// names.ts - how places are called in a line that has no room for all of a name.
import { lang } from './words/speak'
import { w } from './words'

/** 淳安县 → 淳安, 普陀区 → 普陀; names of two characters keep theirs. */
export const shortPlace = (name: string): string =>
  lang.value === 'zh' && name.length > 2 ? name.replace(/(县|市|区|自治县|畲族自治县)$/, '').replace(/畲族自治$/, '') : name.replace(/ (She Autonomous County|County|City|District|Prefecture)( \(.*\))?$/i, '')

export const originShort = (item: { origin_name: string }): string => shortPlace(item.origin_name)
export const prefecture = (code: string | number): string => w.prefectureOf(String(code))
