// prefectures.ts - how the eleven prefectures are called.
import { bilingual } from './speak'

const names = bilingual(() => import('./prefectures.zh'), () => import('./prefectures.en'))

/** Of a code that lies in it; nothing for the province and for others. */
export const prefecture = (code: string | number): string => names[String(code).slice(0, 4)] ?? ''
