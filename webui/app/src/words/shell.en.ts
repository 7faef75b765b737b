// shell.en.ts - the words of the frame, and those that every page may need, in English.
import type zh from './shell.zh'
import { many } from './many'

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
  held: { revoked: 'The certificate of this branch was revoked: records stay at the branch and go once the province admits it again; tell the administrator', other: 'The province takes no records of this branch now: they stay at the branch and go once the cause is mended; tell the administrator' }, heldShort: 'the administrator has to act',
  retry: 'Retry now',
  again: 'Try again',
  export: 'Export',
  exportN: (n) => `Export ${n}`,
  exportMost: (most, all) => `Export the first ${most} of ${all}`,
  exportRows: (n) => `Export ${n}`,
  branchOf: (name) => (/branch/i.test(name) ? name : `${name.replace(/ (County|City|District)( \(.*\))?$/, '')} branch`),
  hubName: (name) => (/hub|centre|center/i.test(name) ? name : `${name} hub`),
  version: (v) => `version ${v}`,
  nodeCode: (c) => `node ${c}`,
  hubCode: (c) => `hub ${c}`,
  roles: { staff: 'staff', officer: 'logistics officer', admin: 'administrator', curator: 'curator', auditor: 'auditor', system: 'system' },
  states: { attention: 'Needs a person', offline: 'Line cut', unknown: 'Unknown', pending: 'To report', syncing: 'Syncing', synced: 'In sync' },
  chip: {
    attention: (n) => `${n} to handle`, offline: ['Line cut,', 'works here'], since: (len) => `for ${len}`, offFor: (len) => `line cut ${len}`, offBranches: (n) => `${n} cut off`,
    checking: 'checking', notAsked: 'no contact yet', pending: (n) => `${n} to report`, oldest: (t) => `oldest ${t}`, sending: 'sending',
    phone: ['No branch node', 'kept on phone'], phoneHub: 'No line to the hub', branches: (n) => `${n} ${many(n, 'branch', 'branches')}`, label: (s) => `State: ${s}`,
  },
  places: { phone: 'On this phone', branch: 'At the branch', province: 'Province has it', refused: 'Not accepted', returned: 'Not taken by the branch' },
  reach: {
    node: 'The branch node does not answer.', hub: 'The hub does not answer.', tried: (t) => `Tried at ${t}; it tries again by itself.`, unfetched: 'This page was never fetched; it opens when the line is back.', never: 'This page was never fetched; it can be seen when the line is back.', asOf: (t) => `Fetched at ${t}`, stale: (t) => `No answer; this was fetched at ${t}.`,
  },
  fault: {
    unreachable: 'No answer came: it may be done, or not. What you typed is still here; pressing again does not do it twice.', unanswered: 'No answer came: it may be done, or not. What is below says so once it is fetched again.', lost: 'Not known whether this was done', unread: 'No answer; nothing was fetched.', unknown: 'This was not done.', gone: 'There is no such record.', 
  },
  failed: 'Could not be fetched',
  kinds: { price: 'price', evaluation: 'rating', proposal: 'proposal', confirmation: 'confirmation' },
  menu: { home: 'Home', catalogue: 'Catalogue', records: 'Records', me: 'Me', board: 'Board', review: 'Review', audit: 'Audit', enrol: 'Enrolment' },
  rules: { unknown: () => 'This was not done.' },
  list: ', ',
}

export default en
