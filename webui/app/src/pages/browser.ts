// browser.ts - which browser on which system, from what a browser calls itself.  It only helps people to tell their logins
// apart; nothing is decided by it.

/** In this order: most browsers also name the ones they resemble. */
const BROWSERS: [RegExp, string][] = [
  [/MicroMessenger/, 'wechat'], [/DingTalk/, 'dingtalk'], [/QQBrowser|MQQBrowser/, 'qq'], [/HuaweiBrowser/, 'huawei'], [/MiuiBrowser/, 'xiaomi'],
  [/SamsungBrowser/, 'Samsung Internet'], [/UCBrowser|UBrowser/, 'UC'], [/Edg(e|A|iOS)?\//, 'Edge'], [/OPR\//, 'Opera'], [/Firefox|FxiOS/, 'Firefox'],
  [/Chrome|CriOS|Chromium/, 'Chrome'], [/Safari/, 'Safari'],
]
const SYSTEMS: [RegExp, string][] = [
  [/HarmonyOS|OpenHarmony/, 'harmony'], [/Android/, 'android'], [/iPad/, 'iPad'], [/iPhone/, 'iPhone'], [/Windows/, 'Windows'], [/CrOS/, 'ChromeOS'],
  [/Mac OS X|Macintosh/, 'macOS'], [/Linux|X11/, 'Linux'],
]
const first = (all: [RegExp, string][], agent: string): string => all.find(([pattern]) => pattern.test(agent))?.[1] ?? ''

/** Names as they are, or keys of the words that say them; "" for what is not known. */
export const browserOf = (agent: string): { browser: string; system: string } => ({ browser: first(BROWSERS, agent), system: first(SYSTEMS, agent) })
