// records.en.ts - the words of the lists of records, in English.
import type zh from './records.zh'

const en: typeof zh = { title: 'Records', prices: 'Prices', evaluations: 'Ratings', proposals: 'Proposals', nonePrices: 'No price recorded yet', noneWhy: 'Start from a product.', noneEvaluations: 'Nothing rated yet', toCatalogue: 'To the catalogue', correct: 'Correct', voidTitle: 'Void with a reason', voidWhy: 'A void record stays in the ledger and no longer counts in comparisons.', voidReason: 'Why it is void', voidAct: 'Void it', voided: 'void', phone: 'On this phone', phoneWhy: 'not yet at the branch', more: 'Show 50 more', sheet: 'Import a price sheet' }

export default en
