// goods.ts - the words of products and suppliers: groups, units, seasons, licences.
import { bilingual } from './speak'

export const wGoods = bilingual(() => import('./goods.zh'), () => import('./goods.en'))
export const unit = (code: string): string => wGoods.units[code] ?? code
