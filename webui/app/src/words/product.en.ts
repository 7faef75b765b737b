// product.en.ts - the words of one product, in English.
import type zh from './product.zh'
import { many } from './many'

const en: typeof zh = {
  foundAt: 'Protected name, found when the catalogue was made at', basis: 'Protected by', own: 'Our last price', ownNone: 'no price of ours', mid: 'Province’s median', midNone: 'no branch has recorded one', midLater: 'not worked out by the province yet', days: (d, n) => `${d} ${many(d, 'day', 'days')}, ${n} ${many(n, 'branch', 'branches')}`, ours: (x) => `ours is ${x}`, score: 'Rating', few: (n) => `${n} ${many(n, 'rating', 'ratings')}; shown from 5`, trends: { up: 'rising for 3 months', down: 'falling for 3 months', flat: 'steady for 3 months' }, origin: 'Origin', keep: 'How to keep it', record: 'Record a price', rate: 'Rate', correct: 'Correct', delist: 'Propose delisting', confirm: 'Confirm', confirmDone: 'Confirmed; the record is at the branch.', confirmWhy: (n) => `confirmed by ${n}`, delisted: 'delisted',
  price: 'Price', noPrice: 'No price yet', noPriceWhy: 'No branch has recorded one.', since: (a, z) => `${a} – ${z}`, keyOwn: 'Ours', keyMid: 'Median', keyBand: 'Middle half of branches', keyNone: 'No price', endOwn: 'ours', endMid: 'median', numbers: 'See the numbers', table: 'Table of prices', period: 'Period', half: (m, second) => `${m} ${second ? '16–' : '1–15'}`, thBand: 'Middle half', thBranches: 'Branches',
  chart: (name, own, mid, band) => `Prices of ${name} over 12 months. ` + (own ? `Ours is ${own} yuan, ` : 'No price of ours, ') + (mid ? `the median ${mid} yuan` : 'no median') + (band ? `, the middle half ${band} yuan` : '') + '.',
  supply: 'Supply', supplyN: (n) => `${n} ${many(n, 'supplier', 'suppliers')}`, orderable: (n) => `${n} can be ordered from`, noSupply: 'No supplier yet', noSupplyWhy: ' If you know one, propose it.', suggest: 'Propose a supplier', min: (q) => `from ${q}`, call: 'Call', ratings: 'Ratings', ratedTotal: (n) => `${n} in the province`, summed: (t) => `summed up ${t}`, ownRatings: (n) => `Ours: ${n}`, noRatings: 'Not rated by us yet', quality: 'Quality', priceScore: 'Price', delivery: 'Delivery', scores: (q, p, d) => `quality ${q} price ${p} delivery ${d}`, aliases: 'also',
}

export default en
