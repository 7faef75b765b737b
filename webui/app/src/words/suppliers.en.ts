// suppliers.en.ts - the words of the list of suppliers, in English.
import type zh from './suppliers.zh'

const en: typeof zh = {
  title: 'Suppliers',
  search: 'Name or credit code',
  add: 'New supplier',
  n: (n) => n,
  status: 'Status',
  all: 'All',
  none: 'No such supplier',
  noneWhy: 'Use another word, or add one.',
  th: { name: 'Name', place: 'Place', licence: 'Licence', channels: 'Channels', score: 'Rating', status: 'Status' },
  sort: 'Order',
  sorts: {
    '': 'May be ordered from first',
    name: 'By name',
    place: 'By place',
    licence: 'Licence that ends first',
    channels: 'Most channels first',
    score: 'Best rated first',
  },
  edit: 'Edit supplier',
  see: 'See the supplier',
  saved: (rev) => `Saved as revision ${rev}.`,
  statusTitle: 'May it be ordered from',
  reason: 'Reason',
  reasonHint: 'branches see it',
  supplies: 'Supplies',
}

export default en
