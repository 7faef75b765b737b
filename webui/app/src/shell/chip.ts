// chip.ts - the worst state first, in two short lines: 需处理 > 断网 > 未知 > 待上报 > 同步中 > 已同步.
//
// This device's own line comes before all: when the node does not answer, nothing it said can be trusted to be so still.
// What this device holds counts with what the node says: a record that the branch did not take needs a person, one that has
// not gone yet is not in sync.
import { computed } from 'vue'
import { isHub, now, site } from '../site'
import { moment, span } from '../format'
import { needs } from '../needs'
import { outbox, waiting } from '../outbox'
import { w } from '../words'
import type { State } from '../api/shapes'

export interface Chip { state: State; words: string[]; second: string }

export const chip = computed<Chip>(() => {
  const s = site.status
  if (site.reach === 'down')
    return {
      state: 'offline', words: isHub.value ? [w.chip.phoneHub] : [w.chip.phone[0]!],
      second: isHub.value ? w.chip.since(span(Date.now() - site.reachSinceMs)) : w.chip.phone[1]!,
    }
  if (!s || site.reach === 'unknown') return { state: 'unknown', words: [w.states.unknown!], second: w.chip.checking }
  if (isHub.value) return hubChip()
  const cut = s.link?.state === 'down' && s.link.since_ms ? now() - s.link.since_ms : null
  const held = waiting()
  switch (needs.value.returned ? 'attention' : outbox.unread ? '' : s.state === 'synced' && held.length ? 'pending' : s.state) {
    case 'attention': return { state: 'attention', words: [w.chip.attention(needs.value.all)], second: cut !== null ? w.chip.offFor(span(cut)) : last() }
    case 'offline': return { state: 'offline', words: [w.chip.offline[0]!, w.chip.offline[1]!], second: cut !== null ? w.chip.since(span(cut)) : '' }
    case 'pending': return {
      state: 'pending', words: [w.chip.pending((s.pending ?? 0) + held.length)],
      second: s.oldest_pending_ms ? w.chip.oldest(moment(s.oldest_pending_ms, now())) : '',
    }
    case 'syncing': return { state: 'syncing', words: [w.states.syncing!], second: w.chip.sending }
    case 'synced': return { state: 'synced', words: [w.states.synced!], second: last() }
    default: return { state: 'unknown', words: [w.states.unknown!], second: s.link?.last_contact_ms ? last() : w.chip.notAsked }
  }
})

function last(): string {
  const at = site.status?.link?.last_contact_ms ?? site.status?.since_ms
  return at ? moment(at, now()) : ''
}

function hubChip(): Chip {
  const b = site.status?.branches
  if (!b) return { state: 'unknown', words: [w.states.unknown!], second: w.chip.checking }
  const all = b.attention + b.offline + b.unknown + b.pending + b.synced
  const second = b.offline ? w.chip.offBranches(b.offline) : w.chip.branches(all)
  if (b.attention) return { state: 'attention', words: [w.chip.attention(b.attention)], second }
  if (b.offline) return { state: 'offline', words: [w.chip.offBranches(b.offline)], second: w.chip.branches(all) }
  if (b.pending) return { state: 'pending', words: [w.chip.pending(b.pending)], second: w.chip.branches(all) }
  if (b.unknown && !b.synced) return { state: 'unknown', words: [`${w.states.unknown} ${b.unknown}`], second: w.chip.branches(all) }
  return { state: 'synced', words: [w.states.synced!], second: w.chip.branches(b.synced) }
}

export const hops = computed<['up' | 'down' | 'unknown', 'up' | 'down' | 'unknown']>(() => {
  const first = site.reach
  const second = isHub.value ? first : site.status?.link?.state ?? 'unknown'
  return [first, first === 'up' ? second : 'unknown']
})
