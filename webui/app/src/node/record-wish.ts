// record-wish.ts - what somebody looks for among the records, as the address of the page carries it.
import type { LocationQuery, LocationQueryRaw } from 'vue-router'
import type { Query } from '../api/client'

export type Tab = 'prices' | 'evaluations' | 'proposals'
export type RecordWish = Record<'q' | 'product' | 'supplier' | 'source' | 'from' | 'to' | 'state' | 'kind' | 'sort', string>

const OF: Record<Tab, (keyof RecordWish)[]> = {
  prices: ['q', 'product', 'supplier', 'source', 'from', 'to', 'state', 'sort'],
  evaluations: ['q', 'product', 'supplier', 'from', 'to', 'state', 'sort'],
  proposals: ['q', 'state', 'kind', 'from', 'to', 'sort'],
}
export const asks = (tab: Tab, key: keyof RecordWish): boolean => OF[tab].includes(key)

export function wishOf(query: LocationQuery): RecordWish {
  const one = (key: string): string => { const v = query[key]; return (Array.isArray(v) ? v[0] : v) ?? '' }
  return {
    q: one('q'), product: one('product'), supplier: one('supplier'), source: one('source'), from: one('from'), to: one('to'), state: one('state'),
    kind: one('kind'), sort: one('sort'),
  }
}
/** Only what this list knows: the address may still have what another tab was asked. */
export const toQuery = (tab: Tab, wish: RecordWish): Query => Object.fromEntries(OF[tab].map((key) => [key, wish[key]]))
export const toAddress = (wish: RecordWish): LocationQueryRaw => Object.fromEntries(Object.entries(wish).filter(([, v]) => v))
/** How many filters hold, without the words of the search and the order. */
export const narrowed = (tab: Tab, wish: RecordWish): number => OF[tab].filter((key) => key !== 'q' && key !== 'sort' && wish[key]).length
