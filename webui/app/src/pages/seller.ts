// seller.ts - a supplier as one choice among others: its name as it is registered, its county in the language of the page.
import { placeName } from '../names'
import { lang } from '../words/speak'

export const sellerChoice = (s: { name: string; division_name: string; division_name_en: string }): string => (lang.value === 'zh' ? `${s.name}（${placeName(s)}）` : `${s.name} (${placeName(s)})`)
