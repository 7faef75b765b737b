// enrol.en.ts - the words of inviting and revoking branches, in English.
import type zh from './enrol.zh'

const en: typeof zh = {
  title: 'Enrolment',
  counts: (e, i, n, again) => `${e} enrolled, ${i} invited, ${n} not yet${again ? `; ${again} of the enrolled invited anew` : ''}`,
  states: { none: 'not invited', invited: 'invited', enrolled: 'enrolled', revoked: 'revoked' },
  invite: 'Invite',
  again: 'Invite again',
  revoke: 'Revoke',
  withdraw: 'Withdraw',
  withdrawTitle: (n) => `Withdraw the invitation of ${n}`,
  withdrawWhy: 'Whoever uses that line is told that it was withdrawn. The branch may be invited again.',
  withdrawn: (n) => `The invitation of ${n} is withdrawn.`,
  search: 'Find a branch',
  th: { branch: 'Branch', state: 'State', since: 'Enrolled', certificate: 'Certificate until', contact: 'Last contact' },
  once: (n) => `Invitation for ${n}`,
  onceWhy: (t) =>
    `Shown this once, good until ${t} and for one use. Copy the whole line and run it on the branch’s node; after --dir stands where its `
      + 'data lies, change it if yours differs.',
  inviteLost: (n) =>
    `No answer came: the invitation of ${n} may be there, only its line did not arrive. Pressing again gives a new line, and ends the one before.`,
  revokeTitle: (n) => `Revoke the certificate of ${n}`,
  revokeWhy: 'It is cut off at once and its records are taken no more. Its history stays; it may be invited again.',
  revokeReason: 'Why',
  revokeAct: 'Revoke',
  epoch: (n) => `enrolment ${n}`,
  expires: (t) => `invitation until ${t}`,
  only: 'Only administrators invite, withdraw and revoke.',
  done: (n) => `The certificate of ${n} is revoked.`,
  never: 'never',
}

export default en
