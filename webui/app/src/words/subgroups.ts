// subgroups.ts - the smaller groups of products.
import { bilingual } from './speak'

const wSubgroups = bilingual(() => import('./subgroups.zh'), () => import('./subgroups.en'))
export const subgroup = (code: string): string => wSubgroups[code] ?? code
