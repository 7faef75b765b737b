// withheld.zh.ts - the words about records that were withheld by law.
export default {
  title: '依法隐去', short: '已隐去', scope: '写了什么已隐去', was: '内容已依法隐去', stays: '谁在什么时候记了哪一类、指纹和签名都还在，照样可以验证。', count: (n: string) => `${n} 条`,
  rule: '依据', reason: '理由', asked: '申请', decided: '决定', act: '记在总账', recorded: '原来由', entry: '原记录',
  by: (who: string, when: string) => `${who}，${when}`, pos: (n: string) => `第 ${n} 位`,
  ask: '申请隐去', askTitle: '申请依法隐去这条记录', askWhy: '另一位管理员决定以后，内容从省中心和支行的数据里一起删去，不能恢复。', ruleLabel: '依据哪部法律', reasonLabel: '理由', reasonHint: '各支行都看得到，不要写个人信息。', choose: '请选择',
  rows: (n: number) => `会删去 ${n} 行数据。`, together: (n: number) => `下面 ${n} 条要一起隐去，否则会重新生效：`,
  waits: '有人申请隐去', carryOut: '隐去', carryOutTitle: '依法隐去，不能恢复', carryOutWhy: '内容从省中心的数据里立即删去，支行下次联系时删去。以前的备份里还有，要另外处理。', decline: '不予隐去', withdraw: '撤回申请', declineTitle: '不予隐去', declineReason: '为什么', declineAct: '不予隐去',
  declined: (who: string, when: string, why: string) => `${who} ${when} 不予隐去：${why}`, second: '申请的人不能自己决定，要另一位管理员。', kept: '不能隐去',
  open: '等待决定', none: '没有隐去过记录', noneWhy: '申请从审计里的一条记录开始。', noneNode: '本行没有隐去过记录', author: '作者', what: '记的是',
}
