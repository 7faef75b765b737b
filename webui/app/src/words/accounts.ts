// accounts.ts - the words of accounts and roles.
import { bilingual } from './speak'

export const wAccounts = bilingual(() => import('./accounts.zh'), () => import('./accounts.en'))
