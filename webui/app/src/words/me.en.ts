// me.en.ts - the words of one's own page, in English.
import type zh from './me.zh'

const en: typeof zh = {
  theme: { system: 'as the system', light: 'light', dark: 'dark' },
  sizes: { standard: 'standard', large: 'large', larger: 'larger', largest: 'largest' },
  me: {
    title: 'Me',
    account: 'Account',
    language: 'Language',
    size: 'Size of type',
    theme: 'Light and dark',
    password: 'Change password',
    sessions: 'Logins',
    sessionsWhy: 'Where this account is logged in',
    thisOne: 'this one',
    unknown: 'unknown browser',
    machines: {
      wechat: 'WeChat',
      dingtalk: 'DingTalk',
      qq: 'QQ Browser',
      huawei: 'Huawei Browser',
      xiaomi: 'Mi Browser',
      harmony: 'HarmonyOS',
      android: 'Android',
    },
    kick: 'End this one',
    seen: (t) => `used ${t}`,
    logout: 'Log out',
    phoneOthers: (names) => `${names.length} on this phone by ${[...new Set(names)].join(', ')}, not at the branch yet; sent once their author logs in.`,
    phoneWarn: (n) => `${n} on this phone have not reached the branch; they go when the same account logs in again.`,
    sync: 'Sync and line',
    proposals: 'My proposals',
    accounts: 'Accounts and roles',
    sheet: 'Import a price sheet',
  },
}

export default en
