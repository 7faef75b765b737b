// price.en.ts - the words of recording a price, in English.
import type zh from './price.zh'
import { many } from './many'

const en: typeof zh = {
  unitChanged: (was, now) => `The unit was changed: filled in for ${was}, and it is ${now} now`,
  unitWhy: 'Price and quantity were not converted. Change them to the unit of now, or see that they are right, and go on.',
  unitTake: (now) => `Record in ${now}`,
  before: 'The record as it was',
  isChanged: 'changed',
  changed: (label) => `${label} (changed)`,
  nothing: 'Nothing was changed',
  title: 'Record a price',
  only: (a, n) => `In the province, 30 days: ${a} at ${n} branch${n === 1 ? '' : 'es'}`,
  usual: (a, z) => `Usual in the province, 30 days: ${a}–${z}`,
  price: 'Unit price',
  date: 'Date',
  whichDay: (phone, branch) => `No answer from the branch, and the clocks differ (phone ${phone}, branch ${branch}): fill in the day you saw the price`,
  begunBefore: (today) => `The day this was begun; today is ${today}`,
  from: 'Source of the price',
  settledHint: 'with a receipt',
  marketHint: 'market or shop',
  chooseFrom: 'choose one; the province compares by source',
  supplier: 'Supplier',
  notSupplying: (name) => (name ? `${name} (supplies this product no more)` : 'the supplier filled in (supplies this product no more)'),
  noSupplier: 'none',
  qty: 'Quantity',
  note: 'Note',
  noteHint: 'If it is far from the usual, say why',
  save: 'Save at the branch',
  leave: 'Leave',
  recent: 'Recent prices',
  thDate: 'Date',
  after: 'After saving',
  afterWhy:
    'The record is signed and kept at the branch, then goes to the province. It cannot be changed; if it is wrong, open it and use Correct '
      + 'or Void: recording another would count both.',
  doubt: (typed, mid, times) => `${typed} is ${times} ${many(times, 'time', 'times')} the province’s median ${mid}. `,
  doubtOwn: (typed, own, date, times) => `${typed} is ${times} ${many(times, 'time', 'times')} this branch’s last ${own} (${date}). `,
  maybe: 'Is it ',
  q: '?',
  changeTo: (v) => `Change to ${v}`,
  noMistake: 'It is right; I say why',
  doubtWhy: 'A person of the province reads an explained price like this: it counts when it is accepted, or comes back with the reason.',
  noteNeeded: 'Please say why it is so different',
  noOld:
    'The record to be corrected could not be fetched yet. It can be corrected once it is here: otherwise its quantity, supplier and note would be lost.',
  otherProduct: 'The record to be corrected is of another product. Open it from the records and correct it there.',
  replacing: (no) => `Corrects ${no}: the old record stays in the ledger and names this one.`,
  dayDoubt: (date, today) => `It says ${date}; by the clock of the branch node it was ${today}.`,
  dayWhy: ' One of the two clocks is wrong.',
  daySure: 'The date is right',
  repeated: (who, t) => `${who} recorded the same price at ${t}; this one is not saved yet`,
  repeatedWhy:
    'Product, price, date, source and supplier are the same. If it is another delivery, save it too; if it is the same one, it need not be saved again.',
  repeatedNo: (no) => `See ${no}`,
  again: 'It is another one, save it too',
}

export default en
