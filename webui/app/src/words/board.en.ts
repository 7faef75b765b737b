// board.en.ts - the words of the board of branches, in English.
import type zh from './board.zh'

const en: typeof zh = {
  title: (n) => `${n} branches`, attention: (n) => `, ${n} need a person`, calm: ', none needs a person', every: 'every few seconds', invite: 'Invite a branch', filter: 'Filter by state', worst: 'Worst first', caption: 'Branches by state, worst first', map: 'By prefecture', notMap: 'Tiles lie roughly where the prefectures lie; this is not a map.',
  schema: (n) => `schema ${n}`, th: { branch: 'Branch', state: 'State', contact: 'Last contact', pending: 'To report', oldest: 'oldest', refused: 'Refused', skew: 'Clock', version: 'Version', upgrade: 'upgrade' },
  offline: (len) => `Cut ${len}`, pendingN: (n) => `${n} to report`, never: 'never', before: (n) => `${n} before`, invited: 'invited, not enrolled yet', notInvited: 'not invited yet', fork: 'two versions of one entry; stopped', quarantined: 'an entry could not be entered', parked: 'unknown version; upgrade first', refusedWhy: (n) => `${n} not accepted`, skewWhy: 'the clock is too far off', revoked: 'certificate revoked',
  upgrades: { ok: 'ready', wait_link: 'wait for the line', wait_pending: 'wait until reported', attention: 'handle first' }, rest: (synced, unknown) => ['and', synced ? ` ${synced} in sync` : '', synced && unknown ? ',' : '', unknown ? ` ${unknown} not enrolled` : ''].join(''), tileRefused: (n) => `${n} ref.`, tileStopped: 'stop', tileUnknown: '?', tileClock: 'clock', none: 'No branch is in this state',
  log: { all: (n) => `${n} entries in the log, all witnessed`, part: (n, w) => `${n} entries in the log, witnessed up to ${w}`, waits: (len) => `the oldest checkpoint waits ${len}`, late: (len) => `The log has waited ${len} to be witnessed. `, lateWhy: 'Entries are received as usual; nobody outside can vouch for this stretch yet. See which branches are cut off, or why a witness outside does not answer.', rules: { policy: 'by the policy', branches: 'more than half of the branches heard in 24 hours' }, whys: { timeout: 'it does not answer in time', line: 'it cannot be reached', bad_reply: 'its answer cannot be read', witness_refused: 'it refused the checkpoint', cosignature: 'its signature is wrong', not_verified: 'its certificate is not trusted' }, fails: (n, len) => `The outside witness ${n} has not cosigned for ${len}: ` },
}

export default en
