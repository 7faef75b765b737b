// decision.ts - a proposal and its decision in one line.
import { wHome } from '../words/home'
import { proposalName } from '../names'
import type { Proposal } from '../api/shapes'

const accepted = (p: Proposal): number => Object.values(p.decision?.fields ?? {}).filter((v) => v === 'accepted').length

export function decisionLine(p: Proposal): string {
  const d = p.decision!
  const n = Object.keys(d.fields).length || 1
  if (d.verdict === 'accepted') return wHome.accepted(proposalName(p), n)
  return d.verdict === 'partly' ? wHome.partly(proposalName(p), n, accepted(p)) : wHome.rejected(proposalName(p))
}
