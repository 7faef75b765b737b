// aside.en.ts - the words of entries that were put aside, in English.
import type zh from './aside.zh'
import { many } from './many'

const en: typeof zh = {
  hub: 'the province',
  title: 'Put aside',
  count: (n) => `${n} ${many(n, 'entry', 'entries')}`,
  more: (n) => `${n} more are not listed: those put aside earlier and those recorded again come last.`,
  say: 'Written on a disk that had gone back, in places that the true history has. What could be recorded again was; what could not lies '
    + 'here, and nothing of it is lost.',
  only: 'Officers, curators and administrators decide; others look.',
  states: { waiting: 'waits to be recorded again', again: 'recorded again', kept: 'put aside' },
  left: 'left aside',
  what: 'Records',
  why: 'Why',
  when: 'Put aside',
  ref: 'As it was signed',
  place: (epoch, seq) => `epoch ${epoch}, number ${seq}`,
  proof: 'Proof',
  proofNone: 'It is not in the log, so the log proves nothing of it; the signed original is kept here.',
  again: (seq) => `recorded again as number ${seq}`,
  act: 'The decision',
  next: 'Next',
  nextWaiting: 'It is recorded again by itself when the history has been compared.',
  nextAgain: 'Its content is in the later entry; nothing is to be done.',
  nextKept:
    'It can be tried again after an upgrade, or when the record it speaks of stands again; what is needed can also be recorded anew. If it '
      + 'stays aside, say why.',
  nextBranch: 'Its branch brings it again; what the branch has not either must be recorded anew there. Then say why it stays aside.',
  nextWithheld: 'Its content is withheld by law and is never recorded again; say why, and it is settled.',
  nextLeft: 'Decided; the original stays here.',
  retry: 'Try again',
  leave: 'Leave aside',
  leaveTitle: 'Why it stays aside',
  leaveWhy: 'This becomes a signed record with who and when. The original stays here.',
  note: 'Why',
  leaveAct: 'Record the decision',
  said: 'Recorded.',
  retried: 'It is recorded again.',
  retriedNo: (why) => `It still cannot be: ${why}`,
  cite: (who, when) => `${who}, ${when}`,
  gone: 'its content is not here',
}

export default en
