// suppliers.ts - the words of the list of suppliers.
import { bilingual } from './speak'

export const wSuppliers = bilingual(() => import('./suppliers.zh'), () => import('./suppliers.en'))
