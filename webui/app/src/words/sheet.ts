// sheet.ts - the words of importing a sheet.
import { bilingual } from './speak'

export const wSheet = bilingual(() => import('./sheet.zh'), () => import('./sheet.en'))
