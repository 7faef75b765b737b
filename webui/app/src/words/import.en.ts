// import.en.ts - the words of importing a catalogue, in English.
import type zh from './import.zh'
import { many } from './many'

const en: typeof zh = {
  title: 'Import the catalogue',
  rule: 'If one row is wrong, nothing is taken; every fault is named.',
  templateWhy: 'It has the headings, the words to choose from, an example and the codes of places. Pinyin left empty is filled in.',
  stepWhy: 'XLSX or CSV, with the template’s headings',
  act: 'Check and import',
  done: (n, a, c) => `${n} ${many(n, 'product', 'products')}: ${a} added, ${c} changed`,
  changes: (n, d) =>
    `Nothing taken yet: ${[
      n && `${n} ${many(n, 'product that is there changes', 'products that are there change')}`,
      d && `${d} ${many(d, 'is', 'are')} delisted`,
    ].filter(Boolean).join(', ')}`,
  changesWhy: 'Look at each before you decide; an empty cell leaves what stands.',
  product: 'Product',
  field: 'Field',
  now: 'Now',
  sheet: 'In the sheet',
  delisted: 'delisted; importing does not list it again',
  stands: (rev, who, t) => `revision ${rev}, ${who} ${t}`,
  moreProducts: (n) => `${n} more ${many(n, 'product is', 'products are')} not shown.`,
  showMore: (n) => `See ${n} more`,
  take: (n, shown) => (shown < n ? `Seen ${shown}; change all ${n} as in the sheet` : `Seen; change ${n} as in the sheet`),
  doneWhy: 'Branches get it at their next contact.',
  oldUnit: (n, rows) =>
    `${n} ${many(n, 'price', 'prices')} of products whose unit is another now (${rows}) ${many(n, 'is', 'are')} in the unit of before: `
      + 'kept, not converted, and not compared with prices in the new one.',
  oldOrders: (n, rows) =>
    `${n} ${many(n, 'minimum order', 'minimum orders')} of suppliers of products whose unit is another now (${rows}) ${many(n, 'was', 'were')} `
      + 'said in the unit of before: emptied, to be filled in again in the new one.',
  aboveHeading: (row, value) => `Row ${row} stands above the heading and was not read: “${value}”.`,
  inUnit: (n) => `${n} ${many(n, 'price', 'prices')} recorded`,
  ordersIn: (n) => `${n} ${many(n, 'minimum order', 'minimum orders')}`,
  comma: ', ',
  rows: (rows, n) => `${many(n, 'row', 'rows')} ${rows}`,
  rowsOf: (rows, n) => `${many(n, 'row', 'rows')} ${rows} and others, ${n} in all`,
}

export default en
