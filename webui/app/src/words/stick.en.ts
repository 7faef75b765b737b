// stick.en.ts - the words of carrying records to the province by hand, in English.
import type zh from './stick.zh'
import { many } from './many'

const en: typeof zh = {
  title: 'Carry to the province on a stick',
  why: (n) =>
    n === null
      ? 'What waits to be reported shows when the branch node answers'
      : n
        ? `${n} to report: take them there, bring the receipt back; carried twice they count once`
        : 'Nothing is waiting to be reported now',
  officers: 'A logistics officer or administrator does this',
  step1: 'Save to a stick',
  step1Why: 'The file holds what the province has not received. All of it is signed: anybody may carry it, any number of times, and nobody can change it.',
  save: 'Save the file',
  step2: 'Take it to the province and have it accepted',
  step2Why: 'An administrator there runs this command; it writes a receipt (.receipt) beside the file:',
  command: 'sunlit-hub accept --dir DIRECTORY FILE',
  step3: 'Bring the receipt back',
  step3Why: 'With the receipt these records say that the province has them, and what is new at the province comes along.',
  choose: 'Choose the receipt',
  taken: (through, entries) => `Taken: the province has this branch’s entries through ${through}; ${entries} new ones of the province came along.`,
  returned: (n) => `${n} ${many(n, 'record', 'records')} of this branch that this machine had lost came back.`,
  recorded: (n) =>
    `${n} ${many(n, 'record', 'records')} written meanwhile ${many(n, 'was', 'were')} recorded again behind, perhaps under another number: `
      + 'save the file and carry it once more.',
  kept: (n) => `${n} ${many(n, 'record', 'records')} could not be recorded again and ${many(n, 'is', 'are')} put aside, with the reason.`,
  again: 'This node was restored from a backup, and this receipt does not yet say what the province has. Save the file and carry it once more.',
  lost: 'No answer came: it may have been taken in, or not. Choose the same file again; what was taken is said to be.',
  tooBig: 'The receipt is larger than 8 MB; an administrator takes it at the node: sunlit-node accept --dir DIRECTORY FILE',
}

export default en
