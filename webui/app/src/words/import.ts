// import.ts - the words of importing a catalogue.
import { bilingual } from './speak'

export const wImport = bilingual(() => import('./import.zh'), () => import('./import.en'))
