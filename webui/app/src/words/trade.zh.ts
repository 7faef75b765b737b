// trade.zh.ts - the words of buying: sources of prices, ways, suppliers and their licences.
export default {
  sources: { settled: '到货结算', quoted: '供应商报价', market: '市场看价' } as Record<string, string>,
  ways: { direct: '产地直采', wholesale: '批发', market: '农贸市场', cooperative: '合作社', online: '网上采购' } as Record<string, string>,
  licence: { until: (d: string) => `许可证到 ${d}`, soon: (n: number) => `许可证 ${n} 天后到期`, today: '许可证今天到期', over: (d: string) => `许可证 ${d} 已到期`, none: '没有许可证信息' },
  supplierStates: { active: '可下单', suspended: '暂停', blacklisted: '列入黑名单' } as Record<string, string>,
  statuses: { active: '在用', suspended: '暂停', blacklisted: '黑名单', delisted: '已下架', retired: '已下架' } as Record<string, string>,
}
