// accounts.en.ts - the words of accounts and roles, in English.
import type zh from './accounts.zh'

const en: typeof zh = {
  title: 'Accounts and roles',
  add: 'New account',
  name: 'Account name',
  nameHint: 'lower-case letters and digits; it need not be a real name',
  role: 'Role',
  roleWhy: {
    staff: 'rates and proposes',
    officer: 'also records prices, imports, confirms',
    admin: 'also keeps accounts',
    curator: 'reviews and edits the catalogue',
    auditor: 'reads everything, changes nothing',
  },
  act: 'Make it with a temporary password',
  once: (n) => `Temporary password of ${n}`,
  onceWhy: 'Shown this once. Hand it over in person; the first login must replace it.',
  onceLost: (n, as) =>
    `${n} exists already, as ${as}: the press before made it, and its answer did not arrive. Its temporary password was in that answer and `
      + 'is stored nowhere; a reset gives a new one.',
  copy: 'Copy',
  copied: 'Copied',
  close: 'I have it, close',
  disable: 'Disable',
  enable: 'Enable',
  reset: 'Reset the password',
  ownPassword: 'Change my own password',
  kick: 'End all its logins',
  disabled: 'disabled',
  never: 'never logged in',
  last: (t) => `logged in ${t}`,
  temporary: 'temporary password',
  change: 'Role',
  more: 'Actions',
  acts: {
    disable: {
      ask: (n) => `${n} can then no longer log in, and its logins end at once. What it recorded stays, and it can be enabled again.`,
      act: (n) => `Disable ${n}`,
      done: (n) => `${n} is disabled, and its logins have ended.`,
      lost: (n) => `No answer came: ${n} may be disabled, or not. If it says “disabled” below, it was done; if not, disable it again.`,
    },
    enable: {
      ask: (n) => `${n} can then log in again with the password it had.`,
      act: (n) => `Enable ${n}`,
      done: (n) => `${n} can log in again.`,
      lost: (n) => `No answer came: ${n} may be enabled, or not. If it still says “disabled” below, enable it again.`,
    },
    reset: {
      ask: (n) => `The password of ${n} ends at once, and so do its logins. A new temporary one is shown, once.`,
      act: (n) => `Reset the password of ${n}`,
      done: (n) => `The password of ${n} was reset, and its logins have ended.`,
      lost: (n) =>
        `No answer came: the password of ${n} may have been reset. If it was, the old one has ended and the new temporary one did not `
          + 'arrive and is stored nowhere; only another reset gives a new one.',
    },
    kick: {
      ask: (n) => `All logins of ${n} end, wherever they are. Its password stays.`,
      act: (n) => `End all logins of ${n}`,
      done: (n) => `All logins of ${n} have ended.`,
      lost: (n) => `No answer came: the logins of ${n} may have ended, or not. Ending them again does no harm.`,
    },
  },
  self: 'this is you',
  roleAct: (r) => `Make it ${r}`,
  roleDone: (n, r, why) => `${n} is now ${r}: ${why}.`,
  roleLost: (n) => `No answer came: the role of ${n} may be changed, or not. Its role of now stands below.`,
  roleBack: (r) => `Back to ${r}`,
}

export default en
