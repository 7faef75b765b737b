// doubt.en.ts - the words of a branch that caught its province, and of entries it could not enter, in English.
import type zh from './doubt.zh'
import { many } from './many'

const en: typeof zh = {
  title: 'The province’s log is not to be trusted',
  old: 'Evidence of before',
  count: (n) => `${n} kept`,
  stopped: 'The province’s log contradicts itself. ',
  asUsual:
    'Work at the branch goes on and everything is kept here; until this is cleared up nothing is reported to the province and none of its receipts counts.',
  trusted: 'The province is listened to; the evidence stays.',
  held: (size, when) => `The last checkpoint this branch verified: ${size} ${many(size, 'entry', 'entries')}, ${when}.`,
  rules: {
    log_rewritten: 'Earlier entries were rewritten',
    log_forked: 'Two different logs of the same size',
    log_rolled_back: 'The log became shorter: entries are gone',
    leaves_differ: 'Our entries stand in the log otherwise than here',
    origin: 'The log has another name',
    hole_denied: 'Entries of ours were called lost with the province’s key, and the log has no such hole',
  },
  other: 'What the province says does not agree',
  save: 'Save the evidence',
  only: 'Officers and administrators may take the evidence.',
  todo: 'What to do',
  steps: [
    'Save the evidence outside this machine and give it to the auditors; delete nothing here.',
    'Find out with the province’s administrators which machine it was, and when.',
    'Then an administrator runs on this branch’s node:',
  ],
  command: 'sunlit-node trust --dir D',
  then: 'It only listens to the province again; a log that does not continue our checkpoint is caught again.',
  handle: 'Dealt with',
  handleTitle: 'What was found and done',
  handleWhy: 'This becomes an entry that the province sees too; after that it is not listed here any more.',
  note: 'What was found, what was done',
  handleAct: 'Record it',
  quarantine: 'From the province, not entered here',
  quarantineN: (n) => `${n}`,
  waits: 'Waits',
  refused: 'Not entered',
  waitsWhy: (theirs, ours) => `It has schema ${theirs}, this node has ${ours}. After this node is upgraded it is entered by itself, in order.`,
  orderWhy: 'It is entered by itself after the one before it.',
  refusedWhy: (seq) => `Tell the province: entry ${seq}, for the reason above. Nothing else here is affected.`,
}

export default en
