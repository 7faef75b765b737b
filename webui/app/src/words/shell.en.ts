// shell.en.ts - the words of the frame, and those that every page may need, in English.
import type zh from './shell.zh'

const en: typeof zh = {
  product: 'Sunlit',
  skip: 'Skip to content',
  mainMenu: 'Main menu',
  back: 'Back',
  more: 'More',
  close: 'Close',
  cancel: 'Leave as it is',
  large: 'Large',
  standard: 'Standard',
  switchTo: '中文',
  loading: 'Fetching…',
  saving: 'Saving…',
  none: '—',
  optional: 'optional',
  colon: ': ',
  semicolon: '; ',
  comma: ', ',
  stop: '.',
  retry: 'Retry now',
  again: 'Try again',
  export: 'Export',
  exportN: (n) => `Export ${n}`,
  exportRows: (n) => `Export ${n}`,
  branchOf: (name) => (/branch/i.test(name) ? name : `${name.replace(/ (County|City|District)( \(.*\))?$/, '')} branch`),
  hubName: (name) => (/hub|centre|center/i.test(name) ? name : `${name} hub`),
  version: (v) => `version ${v}`,
  nodeCode: (c) => `node ${c}`,
  hubCode: (c) => `hub ${c}`,
  roles: { staff: 'staff', officer: 'logistics officer', admin: 'administrator', curator: 'curator', auditor: 'auditor', system: 'system' },
  prefectureOf: (code) => (({
    '3301': 'Hangzhou', '3302': 'Ningbo', '3303': 'Wenzhou', '3304': 'Jiaxing', '3305': 'Huzhou', '3306': 'Shaoxing', '3307': 'Jinhua', '3308': 'Quzhou', '3309': 'Zhoushan', '3310': 'Taizhou', '3311': 'Lishui',
  }) as Record<string, string>)[code.slice(0, 4)] ?? '',
  states: { attention: 'Needs a person', offline: 'Line cut', unknown: 'Unknown', pending: 'To report', syncing: 'Syncing', synced: 'In sync' },
  chip: {
    attention: (n) => `${n} to handle`, offline: ['Line cut,', 'works here'], since: (len) => `for ${len}`, offFor: (len) => `line cut ${len}`, offBranches: (n) => `${n} cut off`,
    checking: 'checking', notAsked: 'no contact yet', pending: (n) => `${n} to report`, oldest: (t) => `oldest ${t}`, sending: 'sending',
    phone: ['No branch node', 'kept on phone'], phoneHub: 'No line to the hub', branches: (n) => `${n} branches`, label: (s) => `State: ${s}`,
  },
  places: { phone: 'On this phone', branch: 'At the branch', province: 'Province has it', refused: 'Not accepted' },
  reach: {
    node: 'The branch node does not answer.', hub: 'The hub does not answer.', tried: (t) => `Tried at ${t}; it tries again by itself.`, unfetched: 'This page was never fetched; it opens when the line is back.', never: 'This page was never fetched; it can be seen when the line is back.', asOf: (t) => `Fetched at ${t}`, stale: (t) => `No answer; this was fetched at ${t}.`,
  },
  fault: {
    unreachable: 'No answer. What you typed is still on this page.', unknown: 'This was not done.', gone: 'There is no such record.', 
  },
  empty: { lost: 'There is no such page', lostWhy: 'The address may be wrong, or the record is gone.', home: 'Home', forbidden: 'This needs another role', forbiddenWhy: (r) => `Your role is ${r}; it cannot open this page.`, failed: 'Could not be fetched' },
  kinds: { price: 'price', evaluation: 'rating', proposal: 'proposal', confirmation: 'confirmation' },
  menu: { home: 'Home', catalogue: 'Catalogue', records: 'Records', me: 'Me', board: 'Board', review: 'Review', audit: 'Audit', enrol: 'Enrolment' },
  rules: {
    clock_wrong: (p) => `This machine’s clock seems to be about ${howFar(Number(p.off_ms), ['days', 'hours', 'minutes'])} ${Number(p.off_ms) > 0 ? 'fast' : 'slow'}: an administrator should set it. Records are saved as usual`, unknown: () => 'This was not done.', frozen: () => 'Two different records were signed for one number: reading only; the province must invite this branch again, then enrol this machine', cloned: () => 'Two machines run with the keys of this branch. Stop one of them; what only that one has goes up when it runs alone for a moment', restoring: () => 'This branch is taking its own records back from the province; it writes when it has all', rebuilding: () => 'The province is being rebuilt from its branches; work goes on here', busy: () => 'busy; try again in a few seconds',
    disk_full: () => 'the disk is full: reading only; an administrator must make room', read_only: () => 'the disk has become read-only: reading only; an administrator must look at it', io: () => 'the disk has a problem; see the log',
    store_damaged: () => 'the data file is damaged: reading only; see the log', internal: () => 'the program has a problem; it is in the log',
  },
  list: ', ',
}

import { howFar } from './refusal'

export default en
