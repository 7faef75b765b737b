// login.zh.ts - the words of the login.
import type { Rules } from './refusal'

export default {
  title: '登录',
  name: '账号',
  password: '密码',
  hint: '第一次登录要换掉临时密码。忘了密码找本行管理员。',
  hintHub: '第一次登录要换掉临时密码。忘了密码找管理员。',
  act: '登录',
  busy: '正在登录…',
  cut: ['现在连不上省中心，', '登录和记录不受影响', '。'],
  endedBy: { role_changed: '你的角色已更改，请重新登录。', password_reset: '管理员重置了你的密码，请用新的一次性密码登录。' },
  kept: '填了一半的内容还在。',
  expired: '登录已经结束：过期了，或者在别的页面退出了、换了账号。请重新登录。填了一半的内容还在。',
  rules: { required: () => '还没有填' } as Rules,
}
