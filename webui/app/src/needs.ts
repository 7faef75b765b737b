// needs.ts - what of this branch's line and records needs a person: the chip counts it, and its home lists the same.
import { computed } from 'vue'
import { site } from './site'
import { outbox, returned as notTaken } from './outbox'

export interface Needs {
  stall: string | null              // the rule for which the exchange cannot go on
  trouble: boolean                  // the machine itself: its disk, its clock
  refused: number                   // by the province
  returned: number                  // on this device: the branch did not take it, or a press got no answer
  all: number
}

export const needs = computed<Needs>(() => {
  const s = site.status
  const up = site.reach === 'up' && s !== null
  const trouble = up && Boolean(s.trouble)
  const refused = s?.refused ?? 0
  const frozen = up && s.state === 'attention' && !trouble && !refused      // of what else nothing is said
  const stall = (up && s.link?.stall) || (frozen ? 'frozen' : null)
  const returned = notTaken().length + outbox.unanswered.length
  return { stall, trouble, refused, returned, all: (stall ? 1 : 0) + (trouble ? 1 : 0) + refused + returned }
})
