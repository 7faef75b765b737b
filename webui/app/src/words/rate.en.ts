// rate.en.ts - the words of rating, in English.
import type zh from './rate.zh'

const en: typeof zh = {
  title: 'Rate',
  scale: 'Each from 1, bad, to 5, good.',
  noOld: 'The rating to be corrected could not be fetched yet. It can be corrected once it is here.',
  outOf: (n) => `${n} of 5`,
  remark: 'Remark',
  remarkHint: 'What could be seen: size, loss, time of arrival',
  save: 'Save at the branch',
  after: 'A slip can be corrected; if your view changes, rate again and both count.',
}

export default en
