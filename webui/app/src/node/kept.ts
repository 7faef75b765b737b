// kept.ts - what is said of a record that waits on this device: that nothing answered, what the node answered, or that it goes now.
import type { Fault } from '../api/client'
import { moment } from '../format'
import { isPressed, waiting, type Told, type Waiting } from '../outbox'
import type { PlaceShown } from '../api/shapes'
import { now, likelyNow, site, unheard } from '../site'
import { howFar } from '../words/refusal'
import { ruleWords } from '../words/rules'
import { wSaved } from '../words/saved'
import { role, w } from '../words'
import { wUnheard } from '../words/unheard'

export const reasons = (faults: Fault[]): string => faults.map((f) => ruleWords(f.rule, f.params, f.text).replace(/[。.]$/, '')).join(w.semicolon)

/** Its author's role may not send it. */
const roleMayNot = (item: Waiting): boolean => item.told?.faults.some((f) => f.rule === 'role') === true

/** What the node answered to it, or else to the one before it, behind which it waits; null while nothing answers. */
export function toldOf(item: Waiting): Told | null {
  if (site.reach === 'down') return null
  return item.told ?? waiting().flatMap((i) => (i.told && !i.faults && !roleMayNot(i) ? [i.told] : [])).sort((a, b) => b.at_ms - a.at_ms)[0] ?? null
}

/** Said of one that the node looked for and had not. */
const waitsForNews = (told: Told): boolean => told.faults.some((f) => f.rule === 'unheard')

/** The answer to a press of it was lost, and all that the node said since is that it takes nothing now; or it was mended since, and
 *  that press got no answer. */
export function unsure(item: Waiting): boolean {
  if (isPressed(item)) return true
  const told = item.faults || item.told?.every ? null : toldOf(item)
  return told !== null && !waitsForNews(told)
}

/** Refused is said of what nothing was sent of since. */
export const placeOf = (item: Waiting): PlaceShown => (item.faults && !isPressed(item) ? 'returned' : 'phone')

const FAR_MS = 12 * 3_600_000

/** That this device's clock is, or was when that was sent, far from the branch's; '' of one that is not. */
export function phoneOff(told: Told | null): string {
  const off = told ? told.off_ms ?? 0 : Date.now() - likelyNow()
  return Math.abs(off) < FAR_MS ? '' : wSaved.phoneOff(howFar(off, wSaved.spans as [string, string, string]), off > 0)
}

export interface KeptWords { why: string; station: string }

export function keptWords(item: Waiting): KeptWords {
  if (item.faults && isPressed(item)) return { why: wSaved.mendLost, station: w.none }
  if (item.faults)
    return { why: wSaved.phoneFault + phoneOff(item.told ?? null), station: item.told ? wSaved.answered(moment(item.told.at_ms, now())) : w.none }
  const told = toldOf(item)
  if (told) {
    const at = moment(told.at_ms, now())
    const station = wSaved.answered(at)
    if (waitsForNews(told)) return { why: wUnheard.kept, station }
    const byRole = roleMayNot(item)
    const reason = byRole ? wSaved.roleNot(role(told.role || site.account?.role)) : reasons(told.faults)
    const taken = unsure(item) ? wSaved.lostPress : wSaved.notTaken
    return { why: wSaved.answeredWith(at, reason) + taken + (byRole ? wSaved.goesWithRole : wSaved.goesAgain), station }
  }
  if (unheard.value) return { why: wUnheard.kept, station: w.none }
  if (site.reach === 'up') return { why: wSaved.phoneGoes, station: wSaved.goes }
  return { why: wSaved.phoneWhy, station: site.reach === 'down' ? wSaved.notAnswering : w.none }
}

/** For a list: the reason alone, where the node gave one. */
export const keptWhy = (item: Waiting): string => {
  const told = item.faults ? null : toldOf(item)
  return told ? reasons(told.faults) : ''
}
