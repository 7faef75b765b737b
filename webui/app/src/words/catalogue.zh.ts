// catalogue.zh.ts - the words of the catalogue.
export default {
  title: '采购信息库', fresh: (rev: string, t: string) => `第 ${rev} 版，${t} 从省中心取得`, hubFresh: (rev: string) => `第 ${rev} 版`, all: (n: string) => `${n} 种`, old: (rev: string, days: number) => `信息库第 ${rev} 版，${days} 天前取得。价格和许可证可能已变。`, 
  search: '查找', placeholder: '名称、拼音或首字母，如 qdh', hint: '品名或拼音', filters: '筛选', see: (n: string) => `看 ${n} 种`, clear: '清除筛选', allGroups: '全部品类',
  seasonNow: (m: string) => `${m}当季`, allYear: '全年有', any: '不限', pickMonth: '选月份…', month: '月份', season: '上市', group: '品类', storage: '储存', origin: '产地', rated: '评价', county: (n: string) => n, prefecture: (n: string) => `${n}其他`, other: '全省其他', rated4: '4 分以上', ratedOwn: '本行评过', 
  sort: '排序', near: '离本县近', ending: '快下市', best: '评价高', name: '名称', price: '价格低', results: '查找结果', total: (what: string, n: string) => `${what} ${n} 种`, also: (n: string) => `另有全年的 ${n} 种`, found: (q: string, n: string) => `“${q}” ${n} 种`,
  thName: '品名与产地', thSeason: '上市', thOwn: '本行最近价', thMid: '全省中位', thScore: '评价', thScoreHint: '满 5 次才评分', thHubPrice: '全省中位', thHubState: '核实', noOwn: '本行未采价', mid: '全省中位', ours: (x: string) => `本行${x}`, times: (n: string) => `${n} 次`, more: (n: number) => `再显示 ${n} 种`, notFound: (q: string) => `没有找到“${q}”`, closeOnly: (q: string) => `没有“${q}”，下面是只差一个字的。`, notFoundWhy: '信息库里没有这个名称、拼音或首字母。', noneLeft: '没有符合的产品', noneLeftWhy: '放宽一项筛选再看。', seeSeason: (m: string) => `看${m}当季`, propose: '提议增加', confirmed: '已核实', newProduct: '新增产品', importSheet: '导入表格', suppliers: '供应商',
}
