// saved.zh.ts - the words of one record and where it is.
export default {
  next: '记下一个产品', proof: '取证明', branch: '已存本行', phone: '已存本机', province: '省中心已收', refused: '省中心未接受', branchWhy: '线路恢复后自动报省中心，不用再操作。', branchUp: '正在报省中心，不用再操作。', phoneWhy: '本行节点没有应答。连上以后自动送到本行，这一页会变。', phoneGoes: '本行已经应答，正在送。', answeredWith: (t: string, why: string) => `本行节点 ${t} 应答了：${why}。`,
  roleNot: (role: string) => `${role}不能办这件事`,
  lostPress: '断线时送出的那一次到没到本行，还不知道。',
  notTaken: '这一条还没有收。',
  goesAgain: '还在本机，以后自动再送，不会记成两条。',
  goesWithRole: '还在本机；等角色改回来、重新登录以后自动再送，不会记成两条。',
  unsure: '本行收没收，还不知道', roleMends: '本行没有收下这条。现在的角色不能改它；等角色改回来再改，或者不要了。', phoneFault: '本行没有收下这条，改好再存，或者不要了。', provinceWhy: '这条记录已经到省中心。', refusedWhy: '原因在下面；下一步在“同步”页。', refusedMended: '原因在下面；已经更正或作废，不用再办。',
  here: '本机', keptAt: (t: string) => `${t} 记下`, phoneClock: '按手机的时钟', signed: (t: string) => `${t} 签名`, waitBranch: '本行未收', notAnswering: '没有应答', goes: '正在送', answered: (t: string) => `${t} 应答`, waitProvince: '省中心未收', cutAt: (t: string) => `线路 ${t} 断开`, going: '正在报', told: '省中心收到的时间，这里和“同步”页都会写明。', record: '这条记录', no: '编号', product: '品名', price: '单价', source: '来源', date: '日期', by: '记录人', place: '位置', queue: (n: number) => `待上报第 ${n} 条`, hash: '指纹', ledger: '台账', nth: (n: string) => `第 ${n} 条`, more: '再记一条', back: '回到产品', vsMid: (x: string) => (x === '相同' ? '和全省中位相同' : `比全省中位${x}`), drop: '不要了', spans: ['天', '小时', '分钟'], phoneOff: (len: string, ahead: boolean) => `这部手机的时钟比本行${ahead ? '快' : '慢'}约 ${len}，按它填的日期请核对。`, dropTitle: '这一条不要了？', dropWhy: '这一条只存在本机，本行没有。删掉以后找不回来。', dropKeep: '留着', dropAct: '删掉这一条', keptSince: '记下', mend: '改好再存', note: '说明', replaced: '已由另一条替代', reads: '等省中心的人看', waits: '写了原因的异常价，等省中心的人看；看过接受才计入比价。', future: '采价日期晚于今天，到那天才计入比价；若是时钟错了，请更正。', voided: '已作废', correct: '更正', void: '作废并说明', receivedAt: (t: string) => `${t} 收到`,
}
