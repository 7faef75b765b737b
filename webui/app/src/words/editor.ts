// editor.ts - the words of the editors of products, suppliers and their channels.
import { bilingual } from './speak'

export const wEditor = bilingual(() => import('./editor.zh'), () => import('./editor.en'))
