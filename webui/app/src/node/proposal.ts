// proposal.ts - a proposal and its decision in one line, and its fields in words.
import { wFields } from '../words/fields'
import { unit, wGoods } from '../words/goods'
import { wHome } from '../words/home'
import { w } from '../words'
import { wPropose } from '../words/propose'
import { subgroup } from '../words/subgroups'
import { seasonWords, windowWords, closedWindows, type Season } from '../season'
import type { Proposal } from '../api/shapes'

const accepted = (p: Proposal): number => Object.values(p.decision?.fields ?? {}).filter((v) => v === 'accepted').length

export function proposalName(p: Proposal): string {
  return p.target_name ?? String(p.patch?.name_zh ?? p.patch?.name ?? p.no)
}

export function decisionLine(p: Proposal): string {
  const d = p.decision!
  const n = Object.keys(d.fields).length || 1
  if (d.verdict === 'accepted') return wHome.accepted(proposalName(p), n)
  return d.verdict === 'partly' ? wHome.partly(proposalName(p), n, accepted(p)) : wHome.rejected(proposalName(p))
}

/** A value of a field as people read it: codes become words, windows become months. */
export function valueWords(field: string, value: unknown, divisions: Record<string, string> = {}): string {
  if (value === null || value === undefined || value === '') return w.none
  if (field === 'seasons' && Array.isArray(value)) {
    const all = value as Season[]
    return [seasonWords(all), ...closedWindows(all).map((s) => `${wGoods.season.closedFish} ${windowWords(s)}`)].filter(Boolean).join(w.semicolon) || w.none
  }
  const text = Array.isArray(value) ? value.join('、') : String(value)
  switch (field) {
    case 'group': case 'group_code': return wGoods.groups[text] ?? text
    case 'subgroup': return subgroup(text)
    case 'unit': return unit(text)
    case 'storage': return wGoods.storages[text] ?? text
    case 'status': return wGoods.statuses[text] ?? text
    case 'way': return wGoods.ways[text] ?? text
    case 'source': return wGoods.sources[text] ?? text
    case 'origin_code': case 'division': case 'branch': return divisions[text] ? `${divisions[text]} ${text}` : text
    case 'geo_indication': case 'confirmed': case 'void': case 'disabled': return value === true || value === 1 || value === '1' ? wPropose.yes : wPropose.no
    default: return text
  }
}

export const fieldWords = (field: string): string => wFields[field] ?? field
