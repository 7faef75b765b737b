// saved.zh.ts - the words of one record and where it is.
export default {
  next: '记下一个产品', proof: '取证明', branch: '已存本行', phone: '已存本机', province: '省中心已收', refused: '省中心未接受', branchWhy: '线路恢复后自动报省中心，不用再操作。', branchUp: '正在报省中心，不用再操作。', phoneWhy: '本行节点没有应答。连上以后自动送到本行，这一页会变。', phoneFault: '本行没有收下这条，改好再存，或者不要了。', provinceWhy: '这条记录已经到省中心。', refusedWhy: '原因和下一步在“同步”页。',
  here: '本机', signed: (t: string) => `${t} 签名`, waitBranch: '本行未收', notAnswering: '没有应答', waitProvince: '省中心未收', cutAt: (t: string) => `线路 ${t} 断开`, going: '正在报', told: '省中心收到的时间，这里和“同步”页都会写明。', record: '这条记录', no: '编号', product: '品名', price: '单价', source: '来源', date: '日期', by: '记录人', place: '位置', queue: (n: number) => `待上报第 ${n} 条`, hash: '指纹', ledger: '台账', nth: (n: string) => `第 ${n} 条`, more: '再记一条', back: '回到产品', vsMid: (x: string) => `比全省中位${x}`, drop: '不要了', mend: '改好再存', note: '说明', replaced: (no: string) => `已由 ${no} 替代`, voided: '已作废', correct: '更正', void: '作废并说明', receivedAt: (t: string) => `${t} 收到`,
}
