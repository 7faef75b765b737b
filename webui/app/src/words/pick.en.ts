// pick.en.ts - the words of choosing the product to record, in English.
import type zh from './pick.zh'

const en: typeof zh = {
  price: 'Record the price of which product?',
  rate: 'Rate which product?',
  search: 'Search',
  placeholder: 'name, pinyin, initials',
  hint: 'name or pinyin',
  mine: 'My last ones',
  mineRated: 'My last ones',
  usual: 'Usual here',
  usualRated: 'Bought here',
  season: (m) => `In season in ${m}`,
  found: (q, n) => `“${q}”: ${n}, of any season`,
  none: (q) => `“${q}” was not found`,
  noneWhy: 'No name, pinyin or initials like this in the catalogue.',
  propose: 'Propose it',
  all: 'Look in the catalogue',
  last: (p, d) => `last ${p}, ${d}`,
  never: 'no price of ours',
  nothing: 'Nothing recorded here yet',
}

export default en
