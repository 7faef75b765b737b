// pick.zh.ts - the words of choosing the product to record.
export default {
  price: '记哪个产品的价格', rate: '评哪个产品', search: '查找', placeholder: '名称、拼音或首字母', hint: '品名或拼音', mine: '我刚记过', mineRated: '我刚评过', usual: '本行常记', usualRated: '本行常买', season: (m: string) => `${m}当季`, found: (q: string, n: string) => `“${q}” ${n} 种，不分季节`, none: (q: string) => `没有找到“${q}”`, noneWhy: '信息库里没有这个名称、拼音或首字母。', propose: '提议增加', all: '去信息库里找', last: (p: string, d: string) => `上次 ${p}，${d}`, never: '本行未采价', nothing: '本行还没有记过',
}
