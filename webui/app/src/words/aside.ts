// aside.ts - the words of entries that were put aside.
import { bilingual } from './speak'

export const a = bilingual(() => import('./aside.zh'), () => import('./aside.en'))
