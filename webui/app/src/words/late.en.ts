// late.en.ts - the words of a log that waits for its witnesses, in English.
import type zh from './late.zh'

const en: typeof zh = {
  listening: 'The hub has just started and hears its branches before it signs the log. ',
  listeningWhy: 'So it learns whether its own disk went back. Records are received meanwhile, proofs of it come later. ',
  heard: (n, of, names, more, until) =>
    of === 0
      ? `It knows no branch yet, and waits until ${until} at the latest.`
      : `${n}/${of} called${names.length ? ` (${names.join(', ')}${more ? ' ...' : ''})` : ''}; it waits until ${until} at the latest.`,
  late: (len) => `The log has waited ${len} to be witnessed. `,
  lateWhy:
    'Entries are received as usual; nobody outside can vouch for this stretch yet. See which branches are cut off, or why a witness outside does not answer.',
  whys: {
    timeout: 'it does not answer in time',
    line: 'it cannot be reached',
    bad_reply: 'its answer cannot be read',
    witness_refused: 'it refused the checkpoint',
    cosignature: 'its signature is wrong',
    not_verified: 'its certificate is not trusted',
  },
  fails: (n, len) => `The outside witness ${n} has not cosigned for ${len}: `,
}

export default en
