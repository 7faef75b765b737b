// withheld.en.ts - the words about records that were withheld by law.
import type zh from './withheld.zh'

const en: typeof zh = {
  title: 'Withheld by law', short: 'Withheld', scope: 'What it wrote is withheld', was: 'The content is withheld by law', stays: 'Who recorded what kind of thing and when, its hash and its signature are kept and still verify.', count: (n) => (n === '1' ? '1 record' : `${n} records`),
  rule: 'Under', reason: 'Reason', asked: 'Asked for by', decided: 'Decided by', act: 'In the log at', recorded: 'Recorded by', entry: 'The record',
  by: (who, when) => `${who}, ${when}`, pos: (n) => `position ${n}`,
  ask: 'Ask to withhold', askTitle: 'Ask that this record be withheld by law', askWhy: 'Once another administrator decides so, the content is deleted from the data of the hub and of the branch, for good.', ruleLabel: 'Under which law', reasonLabel: 'Reason', reasonHint: 'Every branch can read it: no personal data here.', choose: 'Choose',
  rows: (n) => `${n} ${n === 1 ? 'row' : 'rows'} of data would be deleted.`, together: (n) => `${n === 1 ? 'This one goes' : `These ${n} go`} along, or would take effect again:`,
  waits: 'Somebody asked to withhold this', carryOut: 'Withhold', carryOutTitle: 'Withhold by law, for good', carryOutWhy: 'The content is deleted from the data of the hub at once, and from those of the branch at its next contact. Older backups still have it and need their own care.', decline: 'Decline', withdraw: 'Take back', declineTitle: 'Decline', declineReason: 'Why', declineAct: 'Decline to withhold',
  declined: (who, when, why) => `${who} declined ${when}: ${why}`, second: 'Whoever asked cannot decide: it takes another administrator.', kept: 'Cannot be withheld',
  open: 'Waiting for a decision', none: 'No record was withheld', noneWhy: 'Asking begins at an entry of the audit trail.', noneNode: 'No record of this branch was withheld', author: 'Author', what: 'About',
}
export default en
