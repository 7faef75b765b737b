// proposals.en.ts - the words of one's own proposals, in English.
import type zh from './proposals.zh'
import { many } from './many'

const en: typeof zh = {
  title: 'My proposals',
  none: 'No proposals yet',
  noneWhy: 'If months or storage are wrong, correct them from the product’s page.',
  waiting: 'waits for review',
  accepted: 'Accepted',
  partly: 'Partly accepted',
  rejected: 'Not accepted',
  field: 'Field',
  base: 'Then',
  proposed: 'Proposed',
  verdict: 'Decision',
  why: 'Why',
  decided: (t) => `decided ${t}`,
  sent: (t) => `proposed ${t}`,
  item: (n) => `${n} ${many(n, 'field', 'fields')}`,
  asked: 'The province asks',
  withdrawn: 'Withdrawn',
  withdraw: 'Withdraw',
  withdrawTitle: 'Withdraw this proposal',
  withdrawWhy: 'The province will not review it any more; what was written stays in the ledger. If the province has decided already, the decision stands.',
  withdrawReason: 'Why withdraw it',
  answer: 'Answer',
  answerHint: 'goes to the province as it is; the proposal waits for review again',
  talk: 'Questions and answers',
  gone: 'the content is withheld by law',
  other: 'The province asks something else by now. You wrote for the question before:',
  over: 'This question has been answered and the province asks nothing. You wrote:',
  takeOver: 'Use it for this question',
  dropLeft: 'Drop it',
  said: { question: 'The province asks', answer: 'The branch answers', withdrawal: 'The branch withdraws' },
  mended: (a, z) => `accepted as “${z}” instead of “${a}”`,
}

export default en
