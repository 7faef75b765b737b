// goods.zh.ts - the words of products: groups, units, seasons.
import { zh as units } from '../../../../core/domain/units.json'

export default {
  groups: { aquatic: '海鲜水产', livestock: '肉禽蛋奶', produce: '蔬菜瓜果', processed: '副食制成品' } as Record<string, string>,
  storages: { live: '活鲜', chilled: '冷藏', frozen: '冷冻', ambient: '常温', dry: '干燥' } as Record<string, string>,
  keeps: { frozen: '−18℃', chilled: '0~4℃', ambient: '', dry: '', live: '保湿' } as Record<string, string>,
  units: units as Record<string, string>,
  perUnit: (unit: string) => `元/${unit}`,
  season: {
    in: '当季', allYear: '全年', allYearHave: '都有', until: (t: string) => `到${t}`, off: '未上市', from: (t: string) => `${t}上市`, closedFish: '休渔', closed: '停采',
    tagNew: '刚上市', tagEnd: '月底下市', tagEndDay: (m: number, d: number) => `${m}月${d}日下市`, tagComing: (m: number) => `${m}月上市`,
    open: '上市', unconfirmed: '待核实', unconfirmedWhy: '上市月份和储存方式是常见值，还没有支行核实。', label: (a: string, b: string) => `上市 ${a}，现在${b}。`, ban: (a: string) => `${a}。`,
  },
  gi: '地理标志',
}
