// shapes.ts - what travels between the pages and a node or the hub, as docs/openapi.yaml describes it.
import type { Season } from '../season'

export type Kind = 'node' | 'hub'
export type State = 'attention' | 'offline' | 'unknown' | 'pending' | 'syncing' | 'synced'
export type At = 'phone' | 'branch' | 'province' | 'refused'
export interface Place { at: At; ms?: number | null }
export interface List<T> { items: T[]; total: number }
export type Id = string | number

export interface Site { kind: Kind; code: string | number; name_zh: string; name_en?: string; version: string }
export interface Account { name: string; role: string; must_change: boolean }
export interface Session { account: Account | null; site: Site }

export interface Status extends Site {
  now_ms: number
  schema?: number
  state: State
  since_ms?: number | null
  link?: { state: 'up' | 'down' | 'unknown'; since_ms?: number | null; last_contact_ms?: number | null }
  pending?: number
  oldest_pending_ms?: number | null
  refused?: number
  catalogue?: { rev: number; at_ms: number; products: number }
  branches?: { attention: number; offline: number; unknown: number; pending: number; synced: number }
}

export interface Price { price_fen: number; date: string; source?: string }
export interface Item {
  id: Id
  name_zh: string; name_pinyin: string; name_en: string
  group: string; subgroup: string
  origin_code: string | number; origin_name: string
  storage: string; unit: string
  geo_indication: boolean; confirmed: boolean
  seasons: Season[]
  own_price: Price | null
  median_fen: number | null
  score: number | null
  score_count: number
  status?: string
}
export interface Catalogue {
  rev: number; at_ms: number; total: number; all_year?: number
  facets: Record<string, Record<string, number>>
  items: Item[]
}
export interface Supplier {
  id: Id; name: string; uscc?: string; division?: string | number; division_name?: string
  status: string; status_reason?: string | null
  licence_no?: string | null; licence_until?: string | null
  contact_name?: string | null; contact_phone?: string | null
  rev?: number; products?: number; score?: Score | null
}
export interface Channel { id: Id; supplier: Supplier; way: string; min_order_qty: number | string | null; delivery_area: string | null; note: string | null; rev?: number }
export interface Score { overall: number | null; quality: number | null; price: number | null; delivery: number | null; count: number; trend: string | null; at_ms?: number }
export interface Evaluation {
  id: Id; no: string; product?: Id; product_name?: string; supplier_name?: string | null
  quality: number; price: number; delivery: number; remark: string | null
  actor: string; at_ms: number; place: Place
}
export interface Product extends Item {
  aliases: string | string[] | null
  storage_note_zh: string | null
  status: string; status_reason: string | null
  rev: number
  confirmations?: { branch: string | number; name: string; at_ms: number }[]
  province: { median_fen: number; p25_fen: number | null; p75_fen: number | null; last_fen: number | null; branches: number; days: number } | null
  score_detail?: Score | null
  channels: Channel[]
  evaluations: Evaluation[]
}
export interface PriceRow {
  id: Id; no: string; product: Id; product_name?: string; unit?: string
  price_fen: number; qty?: number | null; supplier?: Id | null; supplier_name?: string | null
  source: string; date: string; note?: string | null
  replaces?: Id | null; replaced_by?: string | null; void?: boolean; void_reason?: string | null
  actor: string; at_ms: number; place: Place
  hash?: string; seq?: number; median_fen?: number | null
}
export interface Period { start: string; own_fen: number | null; median_fen: number | null; p25_fen: number | null; p75_fen: number | null; branches: number }
export interface Prices { periods: Period[]; own: PriceRow[] }

export type Patch = Record<string, unknown>
export interface Decision { verdict: 'accepted' | 'partly' | 'rejected'; fields: Record<string, 'accepted' | 'rejected'>; reason: string | null; at_ms: number; actor?: string }
export interface Proposal {
  id: Id; no: string; kind: string; target: Id | null; target_name: string | null
  patch: Patch; base?: Patch | null; base_rev?: number | null
  reason: string; actor: string; at_ms: number; place: Place
  decision: Decision | null
}

export interface Pending { seq: number; action: string; subject: string; title: string; actor: string; at_ms: number }
export interface Refusal {
  id: Id; no: string; title: string; rule: string; detail: Record<string, string | number> | null; text?: string
  by: string; at_ms: number; recorded_ms?: number; actor?: string; kept: boolean
  subject_table: string; subject_id: Id; product?: Id
}
export interface Contact { at_ms: number; kind: 'up' | 'down' | 'sync'; ms?: number | null; sent?: number; got?: number; refused?: number; detail?: string | null }
export interface Sync {
  link: { state: 'up' | 'down' | 'unknown'; since_ms?: number | null; last_contact_ms?: number | null; next_try_ms?: number | null; error?: string | null }
  pending: { count: number; bytes: number; items: Pending[] }
  refused: Refusal[]
  contacts: Contact[]
  certificate?: { until_ms: number }
}
export interface Person { name: string; role: string; disabled: boolean; must_change?: boolean; last_login_ms?: number | null; sessions?: number }
export interface Division { code: string | number; name_zh: string; name_en?: string; prefecture_code: string | number; level: string }
export interface SheetFault { row: number; column: string; rule: string; text: string; params?: Record<string, string | number> }
