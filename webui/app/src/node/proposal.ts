// proposal.ts - the fields of a proposal in words.
import { wFields } from '../words/fields'
import { unit, wGoods } from '../words/goods'
import { wTrade } from '../words/trade'
import { w } from '../words'
import { wPropose } from '../words/propose'
import { subgroup } from '../words/subgroups'
import { seasonWords, windowWords, closedWindows, type Season } from '../season'

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
    case 'status': return wTrade.statuses[text] ?? text
    case 'way': return wTrade.ways[text] ?? text
    case 'source': return wTrade.sources[text] ?? text
    case 'origin_code': case 'division': case 'branch': return divisions[text] ? `${divisions[text]} ${text}` : text
    case 'geo_indication': case 'confirmed': case 'void': case 'disabled': return value === true || value === 1 || value === '1' ? wPropose.yes : wPropose.no
    default: return text
  }
}

export const fieldWords = (field: string): string => wFields[field] ?? field
