// lost.zh.ts - the words of pages that are not there, or not for this role.
export default {
  lost: '没有这一页', lostWhy: '地址可能写错了，或者这条已经不在。', home: '回首页', forbidden: '这里要别的角色', forbiddenWhy: (r: string) => `现在的角色是${r}，看不了这一页。`,
}
