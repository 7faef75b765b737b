// proposals.en.ts - the words of one's own proposals, in English.
import type zh from './proposals.zh'

const en: typeof zh = { title: 'My proposals', none: 'No proposals yet', noneWhy: 'If months or storage are wrong, correct them from the product’s page.', waiting: 'waits for review', accepted: 'Accepted', partly: 'Partly accepted', rejected: 'Not accepted', field: 'Field', base: 'Then', proposed: 'Proposed', verdict: 'Decision', why: 'Why', decided: (t) => `decided ${t}`, sent: (t) => `proposed ${t}`, item: (n) => `${n} fields` }

export default en
