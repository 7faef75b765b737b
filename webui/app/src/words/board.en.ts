// board.en.ts - the words of the board of branches, in English.
import type zh from './board.zh'
import { many } from './many'

const en: typeof zh = {
  title: (n) => `${n} branch${n === 1 ? '' : 'es'}`, attention: (n) => `, ${n} need${n === 1 ? 's' : ''} a person`, calm: ', none needs a person', every: 'every few seconds', invite: 'Invite a branch', filter: 'Filter by state', worst: 'Worst first', caption: 'Branches by state, worst first', map: 'By prefecture', notMap: 'Tiles lie roughly where the prefectures lie; this is not a map.',
  schema: (n) => `data version ${n}`, th: { branch: 'Branch', state: 'State', contact: 'Last contact', pending: 'To report', oldest: 'oldest', refused: 'Refused', skew: 'Clock', version: 'Version', upgrade: 'ready to upgrade' },
  offline: (len) => `Cut ${len}`, pendingN: (n) => `${n} to report`, never: 'never', before: (n) => `${n} before`, refusedWhy: (n) => `${n} not accepted`, whys: { unheard: 'enrolled, has not called yet', invited: 'invited, not enrolled yet', never: 'not invited yet', fork: 'two versions of one entry; stopped', quarantined: 'an entry could not be entered', parked: 'unknown version; upgrade first', skew: 'the clock is too far off', branch_pace: 'sends too much at once; the rest is taken slowly', two_hubs: 'has met a copy of this hub; stop the copy', revoked: 'certificate revoked' },
  upgrades: { ok: 'may be upgraded now', wait_link: 'wait for the line', wait_pending: 'wait until reported', attention: 'handle first' }, rest: (synced, unknown) => ['and', synced ? ` ${synced} in sync` : '', synced && unknown ? ',' : '', unknown ? ` ${unknown} not enrolled` : ''].join(''), tileRefused: (n) => `${n} ref.`, tileStopped: 'stop', tileInvited: 'inv.', unheard: 'Not heard yet', notEnrolled: 'Not enrolled', tileClock: 'clock', none: 'No branch is in this state',
  log: { all: (n) => `${n} ${many(n, 'entry', 'entries')} received; branches vouch that none was changed`, part: (n, w) => `${n} ${many(n, 'entry', 'entries')} received; branches vouch for the first ${w}`, waits: (len) => `the others wait for that, the longest ${len}`, rules: { policy: 'by the rule the province has set', branches: 'more than half of the branches heard in 24 hours must vouch' } },
}

export default en
