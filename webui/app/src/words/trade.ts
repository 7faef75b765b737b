// trade.ts - the words of buying: sources of prices, ways, suppliers and their licences.
import { bilingual } from './speak'

export const wTrade = bilingual(() => import('./trade.zh'), () => import('./trade.en'))
