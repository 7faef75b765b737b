// editor.en.ts - the words of the editors of products, suppliers and their channels, in English.
import type zh from './editor.zh'
import { many } from './many'

const en: typeof zh = {
  open: 'Edit',
  edit: (name) => `Edit: ${name}`,
  new: 'New product',
  save: (n) => (n ? `Save ${n} changes` : 'Nothing changed'),
  saveNew: 'Add to the catalogue',
  saved: (rev) => `Saved as revision ${rev}. Branches get it at their next contact.`,
  savedBefore: (rev) => `The press before was saved, as revision ${rev}. What was changed since is not saved yet.`,
  actedBefore: (rev, n) => `Done, as revision ${rev}. ${n} ${n === 1 ? 'change' : 'changes'} below ${n === 1 ? 'is' : 'are'} not saved yet.`,
  rev: (n) => `revision ${n}`,
  confirm: 'Confirm',
  confirmed: 'confirmed',
  unconfirm: 'Back to unconfirmed',
  unconfirmed: 'to be confirmed',
  delist: 'Delist',
  relist: 'List again',
  delistReason: 'Why delist it',
  delistAct: 'Delist',
  delisted: 'Delisted',
  olderDelisted: (n) => `${n} more that were taken off earlier are not listed here; the trail finds them by name.`,
  noneDelisted: 'Nothing is delisted',
  stale: 'Somebody just changed this. The current content is shown; your changes are kept; look again.',
  compare: 'Compare prices',
  channels: 'Supply',
  theirs: 'Changed by somebody else: ',
  addChannel: 'Add a channel',
  addSupply: 'Add what it supplies',
  product: 'Product',
  productHint: 'name, pinyin, initials or English',
  noProduct: (q) => `Nothing is called “${q}”`,
  editChannel: 'Edit',
  removeChannel: 'Remove',
  supplier: 'Supplier',
  supplierAt: (n, p) => `${n} (${p})`,
  way: 'Way of buying',
  min: 'Minimum',
  area: 'Delivery area',
  note: 'Note',
  saveChannel: 'Save the channel',
  facts: 'In the province',
  noChannels: 'No channel yet',
  confirmations: (n) => `confirmed by ${n}`,
  oldUnit: (unit, n) =>
    `Prices recorded by ${unit} are kept, not converted, and not compared with prices in the new unit.`
      + (n ? ` ${n} ${many(n, 'minimum order is', 'minimum orders are')} in ${unit}: once saved, emptied, to be filled in again in the new unit.` : ''),
  lapses: 'A county confirmed the months and the storage as they were: once saved, it is to be confirmed again, and the county looks anew.',
  discard: 'Leave',
}

export default en
