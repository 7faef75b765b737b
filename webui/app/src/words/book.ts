// book.ts - the words of the record pages.
import zh from './book.zh'
import { bilingual } from './speak'

export const b = bilingual(zh, () => import('./book.en'))
