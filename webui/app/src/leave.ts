// leave.ts - logging out, here or in another tab.
import { get, post } from './api/client'
import type { Session } from './api/shapes'
import { keep } from './keep'
import { forgetLast } from './last'
import { endLeft, endSession, site, who } from './site'
import { tell } from './tabs'

/** On this device, whether or not the other end can be told; drafts and records that wait stay, of this account alone. */
export async function leave(): Promise<void> {
  const name = who.value
  try { await post('logout', {}) } catch { if (name) keep('left', name) }
  await forgetLast(null)
  endSession()
  site.ended = false
  tell({ of: 'session' })
}

/** Somebody logged in or out in another tab. */
export async function checkSession(): Promise<void> {
  endLeft()                                              // where the other tab reached nobody, nobody is asked
  if (!site.account) return
  try {
    const { account } = await get<Session>('session')
    if (!account) endSession()
    else site.other = account.name === site.account?.name ? null : account.name
  } catch {
    // nothing answers: the next answer tells
  }
}
