// enrol.ts - the words of inviting and revoking branches.
import { bilingual } from './speak'

export const wEnrol = bilingual(() => import('./enrol.zh'), () => import('./enrol.en'))
