// proposals.ts - the words of one's own proposals.
import { bilingual } from './speak'

export const wProposals = bilingual(() => import('./proposals.zh'), () => import('./proposals.en'))
