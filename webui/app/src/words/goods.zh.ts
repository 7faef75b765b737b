// goods.zh.ts - the words of products and suppliers: groups, units, seasons, licences.
export default {
  groups: { aquatic: '海鲜水产', livestock: '肉禽蛋奶', produce: '蔬菜瓜果', processed: '副食制成品' } as Record<string, string>,
  storages: { live: '活鲜', chilled: '冷藏', frozen: '冷冻', ambient: '常温', dry: '干燥' } as Record<string, string>,
  keeps: { frozen: '−18℃', chilled: '0~4℃', ambient: '', dry: '', live: '保湿' } as Record<string, string>,
  units: { kg: '公斤', g: '克', piece: '件', box: '盒', bag: '袋', bottle: '瓶', jar: '罐', litre: '升' } as Record<string, string>,
  sources: { settled: '到货结算', quoted: '供应商报价', market: '市场看价' } as Record<string, string>,
  ways: { direct: '产地直采', wholesale: '批发', retail: '零售', market: '农贸市场', cooperative: '合作社', online: '网上采购' } as Record<string, string>,
  perUnit: (unit: string) => `元/${unit}`,
  season: {
    in: '当季', allYear: '全年', allYearHave: '都有', until: (t: string) => `到${t}`, off: '未上市', from: (t: string) => `${t}上市`, closedFish: '休渔', closed: '停采',
    tagNew: '刚上市', tagEnd: '月底下市', tagEndDay: (m: number, d: number) => `${m}月${d}日下市`, tagComing: (m: number) => `${m}月上市`,
    open: '上市', unconfirmed: '待核实', unconfirmedWhy: '上市月份和储存方式是常见值，还没有支行核实。', label: (a: string, b: string) => `上市 ${a}，现在${b}。`, ban: (a: string) => `${a}。`,
  },
  gi: '地理标志',
  licence: { until: (d: string) => `许可证到 ${d}`, soon: (n: number) => `许可证 ${n} 天后到期`, today: '许可证今天到期', over: (d: string) => `许可证 ${d} 已到期`, none: '没有许可证信息' },
  supplierStates: { active: '可下单', suspended: '暂停', blacklisted: '列入黑名单' } as Record<string, string>,
  statuses: { active: '在用', suspended: '暂停', blacklisted: '黑名单', delisted: '已下架', retired: '已下架' } as Record<string, string>,
}
