// me.zh.ts - the words of one's own page.
export default {
  theme: { system: '跟随系统', light: '浅色', dark: '深色' } as Record<string, string>,
  sizes: { standard: '标准', large: '大', larger: '更大', largest: '最大' } as Record<string, string>,
  me: {
    title: '我的',
    account: '账号',
    language: '语言',
    size: '字号',
    theme: '明暗',
    password: '换密码',
    sessions: '登录',
    sessionsWhy: '这个账号现在登录着的地方',
    thisOne: '正在用的这一处',
    unknown: '认不出的浏览器',
    machines: { wechat: '微信', dingtalk: '钉钉', qq: 'QQ 浏览器', huawei: '华为浏览器', xiaomi: '小米浏览器', harmony: '鸿蒙', android: '安卓' } as Record<
      string,
      string
    >,
    kick: '退出这一处',
    seen: (t: string) => `${t} 用过`,
    logout: '退出登录',
    phoneOthers: (names: string[]) => `这部手机还有 ${names.length} 条是 ${[...new Set(names)].join('、')} 记的，没存到本行，本人登录后才会送。`,
    phoneWarn: (n: number) => `这部手机还有 ${n} 条没到本行，退出后要用同一个账号登录才会送。`,
    sync: '同步和线路',
    proposals: '我的提议',
    accounts: '账号和角色',
    sheet: '价格表导入',
  },
}
