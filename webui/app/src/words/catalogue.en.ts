// catalogue.en.ts - the words of the catalogue, in English.
import type zh from './catalogue.zh'
import { many } from './many'

const en: typeof zh = {
  title: 'Purchasing catalogue', fresh: (rev, t) => `revision ${rev}, from the province at ${t}`, hubFresh: (rev) => `revision ${rev}`, all: (n) => `${n} ${many(n, 'product', 'products')}`, old: (rev, days) => `Catalogue revision ${rev} is ${days} ${many(days, 'day', 'days')} old. Prices and licences may have changed.`, 
  search: 'Search', placeholder: 'name or pinyin: qdh', hint: 'name or pinyin', filters: 'Filters', see: (n) => `See ${n}`, clear: 'Clear filters', allGroups: 'All groups',
  seasonNow: (m) => `In season ${m}`, allYear: 'All year', any: 'Any', pickMonth: 'Choose month…', month: 'Month', season: 'Season', group: 'Group', storage: 'Storage', origin: 'Origin', rated: 'Rating', county: (n) => n, prefecture: (n) => `rest of ${n}`, other: 'elsewhere', rated4: '4 and above', ratedOwn: 'rated by us', 
  sort: 'Order', near: 'Nearest first', ending: 'Ending soon', best: 'Best rated', name: 'Name', price: 'Cheapest', results: 'Results', total: (what, n) => `${what} ${n}`, also: (n) => `and ${n} all year`, found: (q, n) => `“${q}”: ${n}`,
  thName: 'Name and origin', thSeason: 'Season', thOwn: 'Our last price', thMid: 'Median', thScore: 'Rating', thScoreHint: 'from 5 ratings', thHubPrice: 'Median', thHubState: 'Confirmed', noOwn: 'no price of ours', mid: 'median', ours: (x) => `ours ${x}`, times: (n) => `${n} ${many(n, 'rating', 'ratings')}`, more: (n) => `Show ${n} more`, notFound: (q) => `“${q}” was not found`, closeOnly: (q) => `Nothing is called “${q}”; these differ by one character.`, notFoundWhy: 'No name, pinyin or initials like this in the catalogue.', noneLeft: 'No product fits', noneLeftWhy: 'Take one filter away.', seeSeason: (m) => `See what ${m} has`, propose: 'Propose it', confirmed: 'confirmed', newProduct: 'New product', importSheet: 'Import a sheet', suppliers: 'Suppliers',
}

export default en
