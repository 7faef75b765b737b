// compare.en.ts - the words of comparing prices, in English.
import type zh from './compare.zh'
import { many } from './many'

const en: typeof zh = {
  title: 'Compare prices',
  days: (n) => `${n} ${many(n, 'day', 'days')}`,
  median: 'Median',
  spread: 'Middle half',
  counties: 'Branches',
  count: 'Prices',
  lowest: 'Lowest',
  highest: 'Highest',
  ofLast: 'of each branch’s last price',
  th: { county: 'Branch', last: 'Last price', date: 'Date', source: 'Source', median: 'Its median', count: 'Count', vs: 'Against median' },
  none: 'No branch recorded a price in this time',
  noneWhy: 'Choose a longer time.',
  range: 'Time',
  trend: 'Trend',
  sort: 'Order',
  byPrice: 'Cheapest first',
  byVs: 'Farthest from the median',
  byPlace: 'By prefecture',
  product: 'Back to the product',
}

export default en
