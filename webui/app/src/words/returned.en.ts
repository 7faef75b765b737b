// returned.en.ts - the words for what waits to be mended, in English.
import type zh from './returned.zh'
import { many } from './many'

const en: typeof zh = {
  title: 'Without an answer',
  n: (n) => String(n),
  untitled: 'A form that was filled in',
  unanswered: 'Pressed, and no answer came: whether it was saved is not known. Open it and press again; it is not saved twice',
  mend: (t) => `Mend and save: ${t}`,
  why: 'The branch did not take it; the reason is inside',
  later: (n) => `Correct ${n} ${many(n, 'price', 'prices')} of a day that has not come`,
  laterWhy: 'A clock was probably ahead when they were recorded; correct the day, or void them',
}

export default en
