// propose.ts - the words of making a proposal.
import { bilingual } from './speak'

export const wPropose = bilingual(() => import('./propose.zh'), () => import('./propose.en'))
