// goods.ts - the words of products: groups, units, seasons.
import { bilingual } from './speak'

export const wGoods = bilingual(() => import('./goods.zh'), () => import('./goods.en'))
export const unit = (code: string): string => wGoods.units[code] ?? code
