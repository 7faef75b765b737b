// product.ts - the words of one product.
import { bilingual } from './speak'

export const wProduct = bilingual(() => import('./product.zh'), () => import('./product.en'))
