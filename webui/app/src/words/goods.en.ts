// goods.en.ts - the words of products and suppliers: groups, units, seasons, licences, in English.
import type zh from './goods.zh'

const en: typeof zh = {
  groups: { aquatic: 'Seafood and fish', livestock: 'Meat, eggs, dairy', produce: 'Vegetables and fruit', processed: 'Prepared foods' },
  storages: { live: 'Live', chilled: 'Chilled', frozen: 'Frozen', ambient: 'Ambient', dry: 'Dry' },
  keeps: { frozen: '−18℃', chilled: '0~4℃', ambient: '', dry: '', live: 'moist' },
  units: { kg: 'kg', g: 'g', piece: 'piece', box: 'box', bag: 'bag', bottle: 'bottle', jar: 'jar', litre: 'litre' },
  sources: { settled: 'Paid on delivery', quoted: 'Quoted by supplier', market: 'Seen at market' },
  ways: { direct: 'from the grower', wholesale: 'wholesale', retail: 'retail', market: 'market', cooperative: 'cooperative', online: 'online' },
  perUnit: (unit) => `yuan/${unit}`,
  season: {
    in: 'In season', allYear: 'All year', allYearHave: 'always', until: (t) => `until ${t}`, off: 'Off season', from: (t) => `from ${t}`, closedFish: 'Fishing ban', closed: 'Closed',
    tagNew: 'just in', tagEnd: 'ends this month', tagEndDay: (m, d) => `ends ${d}/${m}`, tagComing: (m) => `from ${['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'][m - 1]}`,
    open: 'In season', unconfirmed: 'to be confirmed', unconfirmedWhy: 'Months and storage are typical values; no branch has confirmed them yet.', label: (a, b) => `In season ${a}; now: ${b}.`, ban: (a) => `${a}.`,
  },
  gi: 'protected origin',
  licence: { until: (d) => `licence to ${d}`, soon: (n) => `licence ends in ${n} days`, today: 'licence ends today', over: (d) => `licence ended ${d}`, none: 'no licence on record' },
  supplierStates: { active: 'can be ordered', suspended: 'suspended', blacklisted: 'blacklisted' },
  statuses: { active: 'in use', suspended: 'suspended', blacklisted: 'blacklisted', delisted: 'delisted', retired: 'delisted' },
}

export default en
