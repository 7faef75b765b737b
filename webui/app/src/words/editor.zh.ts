// editor.zh.ts - the words of the editors of products, suppliers and their channels.
export default {
  new: '新增产品', save: (n: number) => (n ? `存 ${n} 项改动` : '还没有改动'), saveNew: '加进信息库', saved: (rev: string) => `已存，成为第 ${rev} 版。各支行下次联系时收到。`, rev: (n: string) => `第 ${n} 版`, confirm: '核实', confirmed: '已核实', unconfirm: '退回待核实', unconfirmed: '待核实', delist: '下架', relist: '重新上架', delistReason: '下架的原因', delistAct: '下架', delisted: '已下架', noneDelisted: '没有下架的产品', stale: '别人刚改过。下面换成了现在的内容，你的改动还在，请再看一遍。', compare: '比价', channels: '供货', addChannel: '加一个渠道', editChannel: '改', removeChannel: '撤掉', supplier: '供应商', way: '采购方式', min: '起订量', area: '配送范围', note: '说明', saveChannel: '存渠道', facts: '省里的情况', noChannels: '还没有渠道', confirmations: (n: string) => `${n}核实过`, discard: '不存了',
}
