// price.zh.ts - the words of recording a price.
export default {
  before: '原来那条', isChanged: '已改', changed: (label: string) => `${label}（已改）`, nothing: '还没有改任何一项', title: '记一次价格', only: (a: string, n: number) => `全省近 30 天 ${a}，${n} 个支行`, usual: (a: string, b: string) => `全省近 30 天常见 ${a}—${b}`, price: '单价', date: '采价日期', from: '价格来源', settledHint: '有验收单或小票', marketHint: '农贸市场、超市', chooseFrom: '请选一项，省里按来源分开比价', supplier: '供应商', noSupplier: '不写供应商', qty: '数量', note: '说明', noteHint: '和平时差得多时，写明原因', save: '存到本行', leave: '不存了', recent: '最近的价格', thDate: '日期', after: '存了以后', afterWhy: '记录先存本行并签名，线路恢复后自动报省中心。存好的价格不能改；记错了，再记一条并说明。',
  doubt: (typed: string, mid: string, times: string) => `${typed} 是全省中位价 ${mid} 的 ${times} 倍。`, maybe: '是不是 ', q: '？', changeTo: (v: string) => `改成 ${v}`, noMistake: '没有错，我写明原因', doubtWhy: '写明原因的异常价由省中心的人来看：看过接受才计入比价；不接受会退回并写明原因。', noteNeeded: '请写明为什么差这么多', replacing: (no: string) => `更正 ${no}：存好后，原来那条留在台账里并标明被这条替代。`,
  repeated: (who: string, t: string) => `同样的价格 ${who} 在 ${t} 记过，这次还没有存`, repeatedWhy: '产品、单价、日期、来源和供应商都一样。是另一次到货，就再存一条；是同一次，不用再存。', repeatedNo: (no: string) => `看 ${no}`, again: '是另一次，再存一条',
}
