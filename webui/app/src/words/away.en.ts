import type zh from './away.zh'

const en: typeof zh = {
  newer: 'There is a newer version.', reload: 'Reload',
  other: (mine, now) => [`This browser is now logged in as ${now}; this page belongs to ${mine}.`, `What ${mine} was writing and what waits to be sent is kept, and never recorded as ${now}’s.`],
  use: (now) => `Go on as ${now}`, again: (mine) => `Log in as ${mine} again`,
  elsewhere: 'This was already saved in another tab. Saving here makes another record.', kept: (title) => `Saved on this device: ${title}`,
}
export default en
