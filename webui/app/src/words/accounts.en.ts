// accounts.en.ts - the words of accounts and roles, in English.
import type zh from './accounts.zh'

const en: typeof zh = { title: 'Accounts and roles', add: 'New account', name: 'Account name', nameHint: 'lower-case letters and digits; it need not be a real name', role: 'Role', roleWhy: { staff: 'rates and proposes', officer: 'also records prices, imports, confirms', admin: 'also keeps accounts', curator: 'reviews and edits the catalogue', auditor: 'reads everything, changes nothing' }, act: 'Make it with a temporary password', once: (n) => `Temporary password of ${n}`, onceWhy: 'Shown this once. Hand it over in person; the first login must replace it.', copy: 'Copy', copied: 'Copied', close: 'I have it, close', disable: 'Disable', enable: 'Enable', reset: 'Reset the password', kick: 'End all its logins', disabled: 'disabled', never: 'never logged in', last: (t) => `logged in ${t}`, temporary: 'temporary password', change: 'Role', more: 'Actions', kicked: (n) => `All logins of ${n} have ended.`, self: 'this is you', roleAct: (r) => `Make it ${r}`, roleDone: (n, r, why) => `${n} is now ${r}: ${why}.`, roleBack: (r) => `Back to ${r}` }

export default en
