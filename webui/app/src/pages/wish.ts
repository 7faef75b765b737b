// wish.ts - what somebody looks for in the catalogue, as the address of the page carries it: so that Back, a
// bookmark and the export all mean the same list.
import type { LocationQuery, LocationQueryRaw } from 'vue-router'
import type { Query } from '../api/client'

export interface Wish { q: string; season: string; group: string[]; storage: string[]; origin: string[]; rated: string; sort: string }

const one = (v: LocationQuery[string] | undefined): string => (Array.isArray(v) ? v[0] : v) ?? ''
const many = (v: LocationQuery[string] | undefined): string[] => one(v).split(',').filter(Boolean)

export const wishOf = (query: LocationQuery, sort = 'near'): Wish => ({
  q: one(query.q), season: one(query.season) || (one(query.q) ? 'all' : 'now'),
  group: many(query.group), storage: many(query.storage), origin: many(query.origin), rated: one(query.rated), sort: one(query.sort) || sort,
})

const plain = (w: Wish): Record<string, string> => ({
  q: w.q, season: w.season, group: w.group.join(','), storage: w.storage.join(','), origin: w.origin.join(','), rated: w.rated, sort: w.sort,
})

export function toAddress(w: Wish, sort = 'near'): LocationQueryRaw {
  const standing: Record<string, string> = { season: w.q ? 'all' : 'now', sort }
  return Object.fromEntries(Object.entries(plain(w)).filter(([k, v]) => v !== '' && v !== standing[k]))
}

export const toQuery = (w: Wish): Query => plain(w)
export const narrowed = (w: Wish): number => w.group.length + w.storage.length + w.origin.length + (w.rated ? 1 : 0)
