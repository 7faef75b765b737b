// goods.en.ts - the words of products: groups, units, seasons, in English.
import { en as units } from '../../../../core/domain/units.json'
import type zh from './goods.zh'

const en: typeof zh = {
  groups: { aquatic: 'Seafood and fish', livestock: 'Meat, eggs, dairy', produce: 'Vegetables and fruit', processed: 'Prepared foods' },
  storages: { live: 'Live', chilled: 'Chilled', frozen: 'Frozen', ambient: 'Ambient', dry: 'Dry' },
  keeps: { frozen: '−18℃', chilled: '0~4℃', ambient: '', dry: '', live: 'moist' },
  units,
  perUnit: (unit) => `yuan/${unit}`,
  season: {
    in: 'In season',
    allYear: 'All year',
    allYearHave: 'always',
    until: (t) => `until ${t}`,
    off: 'Off season',
    from: (t) => `from ${t}`,
    closedFish: 'Fishing ban',
    closed: 'Closed',
    tagNew: 'just in',
    tagEnd: 'ends this month',
    tagEndDay: (m, d) => `ends ${d}/${m}`,
    tagComing: (m) => `from ${['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'][m - 1]}`,
    open: 'In season',
    unconfirmed: 'to be confirmed',
    unconfirmedWhy: 'Months and storage are typical values; no branch has confirmed them yet.',
    label: (a, b) => `In season ${a}; now: ${b}.`,
    ban: (a) => `${a}.`,
  },
  gi: 'protected origin',
}

export default en
