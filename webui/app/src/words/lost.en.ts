// lost.en.ts - the words of pages that are not there, or not for this role, in English.
import type zh from './lost.zh'

const en: typeof zh = {
  lost: 'There is no such page',
  lostWhy: 'The address may be wrong, or the record is gone.',
  home: 'Home',
  forbidden: 'This needs another role',
  forbiddenWhy: (r) => `Your role is ${r}; it cannot open this page.`,
}

export default en
