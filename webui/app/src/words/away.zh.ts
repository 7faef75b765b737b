// away.zh.ts - the words for tabs, for a node that does not answer, and for newer pages.
export default {
  newer: '程序有了新版本。',
  newerFirst: '要打开的那一页在新版本的程序里。这里还有正在送的、只显示一次的，或没看过的：送完，或者记下、关掉以后，那一页自动打开。',
  reload: '刷新',
  other: (mine: string, now: string) =>
    [`这个浏览器现在登录的是 ${now}，这一页是 ${mine} 的。`, `${mine} 写了一半的和没送出的都还在，不会记到 ${now} 名下。`] as [string, string],
  use: (now: string) => `换到 ${now}`,
  again: (mine: string) => `重新登录 ${mine}`,
  elsewhere: '这一份已经在另一个页面存好了。这里再存，会是新的一条。',
  earlierHead: '上一次按下的已经办成了',
  earlier: (then: string[]) =>
    then.length ? `只是回答没有送到。办的是当时填的（${then.join('；')}）；那以后改的没有办。` : '只是回答没有送到，不用再按。',
  earlierOf: '回答没有送到的那几次里，有一次已经办成了，现在看到的就是办成以后的。核对以后，还要改的再存。',
  left: (what: string) => `离开“${what}”以前按下的没有办成：`,
  leftDone: (what: string) => `离开“${what}”以前按下的办成了：`,
  leftOnce: '有只显示一次的密码或邀请，还没有看。',
  leftSheet: '这张表没有存，回去再送一次，会说哪里要改、要问什么。',
  unread: '这部手机存着的记录读不出来：还有没有没送到本行的，不知道。先别重记；腾出空间，重开浏览器再看。',
  noRoom: '没有收到回答，这部手机也存不下：可能已经办成，也可能没有。别关这一页，连上本行再按一次，不会办两次。',
  leftOpen: '回去看',
  leftRead: '知道了',
  kept: (title: string) => `已存本机：${title}`,
}
