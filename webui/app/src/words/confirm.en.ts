// confirm.en.ts - the words of confirming what the catalogue says of a product, in English.
import type zh from './confirm.zh'

const en: typeof zh = {
  title: 'Confirm products', ask: (name) => `Confirm ${name}?`, means: 'To confirm is to say: somebody of this county has looked at the months and the storage of this product, and they are as the catalogue has them. Once the province has it, no branch sees “to be confirmed” any more, and the county is named.', once: 'It is signed into the ledger and cannot be taken back; if something differs, propose a correction instead.', other: (county) => `This product is grown in ${county}; its branch had better confirm it.`, seasons: 'Months', storage: 'Storage', act: 'Confirm', actN: (n) => (n === 1 ? 'Confirm 1 product' : `Confirm ${n} products`), wrong: 'Something differs: correct', cancel: 'Not now', list: (place, n) => `Products of ${place}: ${n} to confirm`, pick: 'Tick those whose months and storage are right here, and confirm them together.', all: 'Nothing to confirm', allWhy: 'The products of this county are all confirmed.', other2: 'Products of other places are confirmed on their own page.', done: (n) => (n === 1 ? '1 product confirmed; the record is at the branch.' : `${n} products confirmed; the records are at the branch.`), phone: (n) => `${n} kept on this phone; they go when the node answers.`, failed: (name, why) => `${name}: ${why}`, none: 'Tick one first', look: 'See the product', confirm: 'confirm',
}

export default en
