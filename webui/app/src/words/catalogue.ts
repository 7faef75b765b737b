// catalogue.ts - the words of the catalogue.
import { bilingual } from './speak'

export const wCatalogue = bilingual(() => import('./catalogue.zh'), () => import('./catalogue.en'))
