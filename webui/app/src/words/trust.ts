// trust.ts - the words about opening without the node.
import { bilingual } from './speak'

export const wTrust = bilingual(() => import('./trust.zh'), () => import('./trust.en'))
