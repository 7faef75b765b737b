// saved.en.ts - the words of one record and where it is, in English.
import type zh from './saved.zh'

const en: typeof zh = {
  next: 'Next product', proof: 'Take the proof', branch: 'At the branch', phone: 'On this phone', province: 'Province has it', refused: 'Not accepted', branchWhy: 'It goes to the province by itself when the line is back.', branchUp: 'On its way to the province.', phoneWhy: 'The branch node did not answer. It goes there by itself when it does; this page will change.', phoneFault: 'The branch did not take this; mend it or drop it.', provinceWhy: 'The province has this record.', refusedWhy: 'The reason and the next step are on the Sync page.',
  here: 'This device', signed: (t) => `${t} signed`, waitBranch: 'Not at the branch', notAnswering: 'no answer', waitProvince: 'Not at the province', cutAt: (t) => `line cut ${t}`, going: 'on its way', told: 'When the province has it, this page and Sync will say so.', record: 'The record', no: 'Number', product: 'Product', price: 'Unit price', source: 'Source', date: 'Date', by: 'By', place: 'Place', queue: (n) => `${n}. in the queue`, hash: 'Fingerprint', ledger: 'Ledger', nth: (n) => `entry ${n}`, more: 'Record another', back: 'Back to the product', vsMid: (x) => (x === 'the same' ? 'the same as the median' : `${x} the median`), drop: 'Drop it', mend: 'Mend and save', note: 'Note', replaced: 'replaced by another', reads: 'waits for a person at the province', waits: 'An unusual price with a reason: a person at the province reads it, and it counts once accepted.', future: 'This day is later than today; the price counts from that day on. If a clock was wrong, correct it.', voided: 'Void', correct: 'Correct', void: 'Void with a reason', receivedAt: (t) => `received ${t}`,
}

export default en
