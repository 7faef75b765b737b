// enrol.en.ts - the words of inviting and revoking branches, in English.
import type zh from './enrol.zh'

const en: typeof zh = { title: 'Enrolment', counts: (e, i, n) => `${e} enrolled, ${i} invited, ${n} not yet`, states: { none: 'not invited', invited: 'invited', enrolled: 'enrolled', revoked: 'revoked' }, invite: 'Invite', again: 'Invite again', revoke: 'Revoke', search: 'Find a branch', th: { branch: 'Branch', state: 'State', since: 'Enrolled', certificate: 'Certificate until', contact: 'Last contact' }, once: (n) => `Invitation for ${n}`, onceWhy: (t) => `Shown this once, valid until ${t}, used once. On the branch’s node run:`, command: 'sunlit-node enroll --dir D --invite', revokeTitle: (n) => `Revoke the certificate of ${n}`, revokeWhy: 'It is cut off at once and its records are taken no more. Its history stays; it may be invited again.', revokeReason: 'Why', revokeAct: 'Revoke', epoch: (n) => `enrolment ${n}`, expires: (t) => `invitation until ${t}`, only: 'Only administrators invite and revoke.', done: (n) => `The certificate of ${n} is revoked.`, never: 'never' }

export default en
