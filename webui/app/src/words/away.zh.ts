// away.zh.ts - the words for tabs, for a node that does not answer, and for newer pages.
export default {
  newer: '程序有了新版本。', reload: '刷新',
  other: (mine: string, now: string) => [`这个浏览器现在登录的是 ${now}，这一页是 ${mine} 的。`, `${mine} 写了一半的和没送出的都还在，不会记到 ${now} 名下。`] as [string, string],
  use: (now: string) => `换到 ${now}`, again: (mine: string) => `重新登录 ${mine}`,
  elsewhere: '这一份已经在另一个页面存好了。这里再存，会是新的一条。', kept: (title: string) => `已存本机：${title}`,
}
