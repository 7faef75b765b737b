// me.en.ts - the words of one's own page, in English.
import type zh from './me.zh'

const en: typeof zh = {
  theme: { system: 'as the system', light: 'light', dark: 'dark' },
  sizes: { standard: 'standard', large: 'large', larger: 'larger', largest: 'largest' },
  me: { title: 'Me', account: 'Account', language: 'Language', size: 'Size of type', theme: 'Light and dark', password: 'Change password', sessions: 'Logins', sessionsWhy: 'Where this account is logged in', thisOne: 'here', kick: 'End this one', seen: (t) => `used ${t}`, logout: 'Log out', phoneWarn: (n) => `${n} on this phone have not reached the branch; they go when the same account logs in again.`, helpTitle: 'Why the browser says “not secure”', help1: 'The certificate of this address was issued by the province, and the browser does not know it yet. Install it once:', help2: ['Download the province’s certificate', 'In the settings find “install certificate”, choose “CA certificate”', 'Compare its fingerprint with the administrator before you install it'], proposals: 'My proposals', accounts: 'Accounts and roles', sheet: 'Import a price sheet' },
}

export default en
