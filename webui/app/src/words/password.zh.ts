// password.zh.ts - the words of changing a password.
export default {
  title: '换密码',
  first: '先换掉临时密码',
  firstWhy: '临时密码别人也看过，换成自己的才能办事。',
  old: '现在的密码',
  new: '新密码',
  repeat: '新密码再输一次',
  hint: '至少 10 个字符。几个不相干的词比乱码好记。',
  act: '换成新密码',
  done: '密码换好了，其他地方的登录都退出了。',
  show: '显示',
  hide: '隐藏',
}
