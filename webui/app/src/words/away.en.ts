import type zh from './away.zh'

const en: typeof zh = {
  newer: 'There is a newer version.',
  newerFirst:
    'The page you asked for is part of a newer version. Something here is on its way, is shown only once or has not been read: '
    + 'when it has arrived, or was written down and closed, that page opens by itself.',
  reload: 'Reload',
  other: (mine, now) => [
    `This browser is now logged in as ${now}; this page belongs to ${mine}.`,
    `What ${mine} was writing and what waits to be sent is kept, and never recorded as ${now}’s.`,
  ],
  use: (now) => `Go on as ${now}`,
  again: (mine) => `Log in as ${mine} again`,
  elsewhere: 'This was already saved in another tab. Saving here makes another record.',
  earlierHead: 'The press before was carried out',
  earlier: (then) =>
    then.length
      ? `Only its answer did not arrive. It was done as it was filled in then (${then.join('; ')}); what was changed since was not.`
      : 'Only its answer did not arrive; there is nothing more to press.',
  earlierOf:
    'One of the presses whose answers did not arrive was carried out; what you see now is what became of it. Look at it, and save what still differs.',
  left: (what) => `Pressed before you left “${what}”, and not done: `,
  leftDone: (what) => `Pressed before you left “${what}”, and done: `,
  leftOnce: 'there is a password or an invitation, shown once, that nobody has seen.',
  leftSheet: 'the sheet was not taken; go back and send it again, and it is said what is to mend or to answer.',
  unread: 'What this phone keeps cannot be read: what has not reached the branch is unknown. Record nothing again; make room, restart the browser.',
  noRoom: 'No answer, and this phone has no room to keep it: it may be done, or not. Leave this page open and press again later; it is not done twice.',
  leftOpen: 'Go back to it',
  leftRead: 'I have read it',
  kept: (title) => `Saved on this device: ${title}`,
}
export default en
