// confirm.ts - the words of confirming what the catalogue says of a product.
import { bilingual } from './speak'

export const wConfirm = bilingual(() => import('./confirm.zh'), () => import('./confirm.en'))
