// confirm.en.ts - the words of confirming what the catalogue says of a product, in English.
import type zh from './confirm.zh'
import { many } from './many'

const en: typeof zh = {
  title: 'Confirm products',
  ask: (name) => `Confirm ${name}?`,
  means:
    'To confirm is to say: somebody of this county has looked at the months and the storage of this product, and they are as the catalogue '
      + 'has them. Once the province has it, no branch sees “to be confirmed” any more, and the county is named.',
  once: 'It is signed into the ledger and cannot be taken back; if something differs, propose a correction instead.',
  other: (county) => `This product is grown in ${county}; its branch had better confirm it.`,
  seasons: 'Months',
  storage: 'Storage',
  act: 'Confirm',
  actN: (n) => (n === 1 ? 'Confirm 1 product' : `Confirm ${n} products`),
  wrong: 'Something differs: correct',
  cancel: 'Not now',
  list: (place, n) => `Products of ${place}: ${n} to confirm`,
  pick: 'Tick those whose months and storage are right here, and confirm them together.',
  all: 'Nothing to confirm',
  allWhy: 'The products of this county are all confirmed.',
  other2: 'Products of other places are confirmed on their own page.',
  done: (n) => (n === 1 ? '1 product confirmed; the record is at the branch.' : `${n} products confirmed; the records are at the branch.`),
  phone: (n) => `${n} kept on this phone; they go when the node answers.`,
  failed: (name, why) => `${name}: ${why}`,
  ended: (names) => `${names}: the login ended after the press; not confirmed.`,
  none: 'Tick one first',
  look: 'See the product',
  confirm: 'confirm',
  here: 'You confirmed this on this device; it is not at the branch yet and goes by itself.',
  hereBack: 'Your confirmation is still on this device; the branch did not take it. Look at it and decide.',
  hereN: (n) => `${n} ${many(n, 'product is', 'products are')} confirmed on this phone and not at the branch yet.`,
  changed: 'The province changed it after you looked. This is what it says now; look again.',
  changedOf: (name) => `${name}: the province changed it after you looked; not confirmed yet. Look again and tick it.`,
  now: 'What the catalogue says now',
  actNow: 'I have looked: confirm what it says now',
  before: 'This branch confirmed it before; the province changed months or storage since, or took it back. Look again at what it says now.',
}

export default en
