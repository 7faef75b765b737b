// board.ts - the words of the board of branches.
import { bilingual } from './speak'

export const wBoard = bilingual(() => import('./board.zh'), () => import('./board.en'))
