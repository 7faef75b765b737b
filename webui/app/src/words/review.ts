// review.ts - the words of reviewing proposals.
import { bilingual } from './speak'

export const wReview = bilingual(() => import('./review.zh'), () => import('./review.en'))
