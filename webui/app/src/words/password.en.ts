// password.en.ts - the words of changing a password, in English.
import type zh from './password.zh'

const en: typeof zh = {
  title: 'Change password',
  first: 'First replace the temporary password',
  firstWhy: 'Somebody else has seen the temporary one; with your own you can go on.',
  old: 'Current password',
  new: 'New password',
  repeat: 'New password once more',
  hint: 'At least 10 characters. A few unrelated words are easier to remember than noise.',
  act: 'Set the new password',
  done: 'The password is changed; every other login has ended.',
  show: 'Show',
  hide: 'Hide',
}

export default en
