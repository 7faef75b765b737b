// ruling.zh.ts - the words of what the province said of a record.
export default { title: '省中心怎么说的', reason: '原因：', basis: '看依据', settled: '已更正或作废' }
