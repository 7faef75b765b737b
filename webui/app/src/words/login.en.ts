// login.en.ts - the words of the login, in English.
import type zh from './login.zh'

const en: typeof zh = {
  title: 'Log in',
  name: 'Account',
  password: 'Password',
  hint: 'The first login replaces the temporary password. If you forgot yours, ask the branch administrator.',
  hintHub: 'The first login replaces the temporary password. If you forgot yours, ask the administrator.',
  act: 'Log in',
  busy: 'Logging in…',
  cut: ['The line to the province is cut; ', 'logging in and recording work as usual', '.'],
  endedBy: {
    role_changed: 'Your role was changed; please log in again. ',
    password_reset: 'An administrator reset your password; please log in with the new one-time password. ',
  },
  kept: 'What you were filling in is kept.',
  expired: 'Your login ended: it expired, or another tab logged out or logged in as someone else. Please log in again. What you were filling in is kept.',
  rules: { required: () => 'not filled in yet' },
}

export default en
