// shapes.ts - what travels between the pages and a node or the hub, as docs/openapi.yaml describes it.
import type { Season } from '../season'

export type Kind = 'node' | 'hub'
export type State = 'attention' | 'offline' | 'unknown' | 'pending' | 'syncing' | 'synced'
export type At = 'phone' | 'branch' | 'province' | 'refused'
/** A place as shown: 'returned' lies on the phone, and the branch did not take it. */
export type PlaceShown = At | 'returned'
export interface Place { at: At; ms: number; rule?: string }
export interface List<T> { items: T[]; total: number; export_most?: number; next: string | null }
export type Id = number

export interface Site { kind: Kind; code: number; id: string; name_zh: string; name_en: string; version: string }
export interface Account { name: string; role: string; must_change: boolean }
export type Ended = 'role_changed' | 'password_reset'
export interface Session { account: Account | null; ended?: Ended | null; site: Site }

export interface Link {
  state: 'up' | 'down' | 'unknown'; since_ms: number | null; last_contact_ms: number | null; next_try_ms?: number | null; error?: string | null;
  stall?: string | null
}
export interface Trouble { rule: string; text: string; since_ms: number | null; off_ms: number | null }
export interface Counts { attention: number; offline: number; unknown: number; pending: number; synced: number }

export interface Status extends Omit<Site, 'id'> {
  now_ms: number
  schema?: number
  state: State
  trouble?: Trouble | null
  since_ms?: number | null
  link?: Link
  pending?: number
  oldest_pending_ms?: number | null
  refused?: number
  later?: number                    // own prices that claim a day the province has not reached
  unheard?: 'catalogue' | 'history' | null
  catalogue?: { rev: number; at_ms: number | null; products: number }
  branches?: Counts
  reviews?: number
}

export interface Price { price_fen: number; date: string; source?: string }
export interface Item {
  id: Id; rev: number
  name_zh: string; name_pinyin: string; name_en: string
  group: string; subgroup: string
  origin_code: number; origin_name: string; origin_name_en: string
  prefecture_code: number; prefecture_name: string
  storage: string; storage_note_zh: string; unit: string
  geo_indication: boolean; confirmed: boolean; confirmed_before?: boolean
  seasons: Season[]
  own_price: Price | null
  median_fen: number | null
  score: number | null
  score_count: number
  status: string
}
export interface Catalogue {
  rev: number; at_ms: number | null; total: number; close?: boolean; all_year: number
  facets: Record<string, Record<string, number>>
  items: Item[]
  next: string | null
}
export interface OwnSessions { items: { id: number; peer: string; agent: string; made_ms: number; seen_ms: number; expires_ms: number; own: boolean }[] }
export interface Supplier {
  id: Id; uscc: string; name: string; division: number; division_name: string; division_name_en: string
  contact_name: string; contact_phone: string; licence_no: string; licence_until: string | null
  status: string; status_reason: string; rev: number; channels: number; score: number | null; score_count: number
}
export type ChannelSupplier = Pick<Supplier,
  'id' | 'name' | 'division_name' | 'division_name_en' | 'status' | 'status_reason' | 'licence_until' | 'contact_name' | 'contact_phone'>
export interface Channel {
  id: Id; product: Id; product_name: string; product_name_en: string; unit: string; supplier: ChannelSupplier
  way: string; min_order_qty: number; delivery_area: string; note: string; rev: number
}
export interface SupplierDetail extends Supplier { channel_list: Channel[] }
export interface Score {
  overall: number | null; quality: number | null; price: number | null; delivery: number | null; count: number; trend: string | null;
  at_ms: number | null
}
export interface Evaluation {
  branch: number; branch_name: string; id: Id; no: string; product: Id; product_name: string; product_name_en: string; supplier: Id | null;
  supplier_name: string | null
  quality: number; price: number; delivery: number; remark: string; replaces: Id | null; replaced_by: Id | null; replaced_by_no: string | null
  void: { reason: string; actor: string; at_ms: number } | null
  actor: string; at_ms: number; place: Place
}
export interface Product extends Item {
  aliases: string; geo_basis: string; status_reason: string
  confirmed_by: number | null
  confirmations: { branch: number; name: string; name_en: string; at_ms: number; rev: number | null; counts: boolean }[]
  province: {
    median_fen: number | null; p25_fen: number | null; p75_fen: number | null; last_fen: number | null; branches: number; days: number;
    spread_prefectures: number | null
  } | null
  score_detail: Score | null
  channels: Channel[]
  evaluations: Evaluation[]
}
export interface PriceRow {
  branch: number; branch_name: string; id: Id; no: string; product: Id; product_name: string; product_name_en: string; unit: string
  price_fen: number; qty: number | null; supplier: Id | null; supplier_name: string | null
  source: string; date: string; note: string; replaces: Id | null; replaced_by: Id | null; replaced_by_no: string | null
  void: { reason: string; actor: string; at_ms: number } | null
  waits?: boolean                   // for a person of the province
  future?: boolean                  // its day has not come
  actor: string; at_ms: number; place: Place
}
/** The record that is there already, of what is to be recorded once more. */
export interface PriceRepeat { id: Id; no: string; actor: string; at_ms: number }
export interface Ruling {
  no: string | null; subject_table: string; subject_id: Id; rule: string; rule_title: string; detail: Record<string, string | number | null>;
  at_ms: number; settled: boolean
}
export interface PriceDetail extends PriceRow {
  rulings: Ruling[]
  kept_ms: number | null           // on a phone, by its clock, before it came to the branch
  median_fen: number | null
  entry: { epoch: number; seq: number; hash: string | null; signed: boolean; ahead: number | null }
}
export interface Saved { id: Id; no: string | null; place: Place }
export interface Period { start: string; own_fen: number | null; median_fen: number | null; p25_fen: number | null; p75_fen: number | null; branches: number }
export interface Prices { periods: Period[]; own: PriceRow[] }

export type Patch = Record<string, unknown>
export interface Decision {
  verdict: 'accepted' | 'partly' | 'rejected'; fields: Record<string, 'accepted' | 'rejected'>; reason: string; actor: string; at_ms: number
}
export interface Proposal {
  branch: number; branch_name: string; branch_name_en: string; id: Id; no: string; kind: 'new_product' | 'new_supplier' | 'correction' | 'delisting'
  target: Id | null; target_name: string | null; target_name_en: string; base_rev: number | null; now_rev: number | null;
  target_kind: 'product' | 'supplier'; patch: Patch; base: Patch | null; reason: string
  actor: string; at_ms: number; place: Place; decision: Decision | null
  state: 'open' | 'asked' | 'withdrawn' | 'decided'
  talk?: { by: 'province' | 'branch'; kind: 'question' | 'answer' | 'withdrawal'; text: string; actor: string; at_ms: number | null; question: number | null }[]
  question?: number | null          // which waits for the branch
  mends?: { field: string; before: unknown; after: unknown }[]
}

export interface Pending { seq: number; action: string; subject: string; title: string; actor: string; at_ms: number }
export interface Refusal {
  id: Id; no: string | null; title: string; title_en: string; rule: string; detail: Record<string, string | number | null>; rule_title?: string;
  which?: string | null
  by: string; at_ms: number; kept: boolean; subject_table: string; subject_id: Id; product: Id | null
  handled: boolean; actor: string | null; recorded_ms: number | null
}
export interface Contact { at_ms: number; kind: 'up' | 'down' | 'sync'; ms: number; sent: number; got: number; refused: number; detail: string }
export interface Sync {
  now_ms: number
  link: Link
  pending: { count: number; bytes: number; items: Pending[] }
  refused: Refusal[]
  lost?: { runs: { author: number; lane: number; first_seq: number; count: number }[]; runs_total: number; total: number }   // kept answers of before have none
  contacts: Contact[]
  certificate: { until_ms: number | null }
}
export interface Person {
  name: string; role: string; must_change: boolean; disabled: boolean; locked_until_ms: number | null; last_login_ms: number | null; sessions: number;
  password_ms: number
}
export interface PersonMade { name: string; role: string; password: string | null }
export interface Division { code: number; name_zh: string; name_en: string; pinyin: string; prefecture_code: number; level: string }
/** An entry: `row` leads to its proof at a branch, `pos` to its page at the province. */
export interface AsidePlace { epoch: number; seq: number; row: Id; pos: number | null }
export interface Aside {
  id: Id; author: number; author_name: string; lane: number; epoch: number; seq: number; record_hash: string; actor: string; action: string;
  action_title: string
  subject: string; title: string; tables: string[]; made_ms: number; aside_ms: number; state: 'waiting' | 'again' | 'kept'; reason: string; reason_title: string
  again: AsidePlace | null; decided: { actor: string; at_ms: number; note: string; entry: AsidePlace } | null; retry: boolean
}
export interface Asides { items: Aside[]; total: number; open: number }
export interface RowFault {
  row: number; column: string; field: string; rule: string; value: string; choices: string | null; choices_en: string | null; text: string
}
export interface SheetRead {
  sheet: string | null; heading_row: number; columns_not_read: string | null; sheets_not_read: string | null;
  rows_left_out: { row: number; rule: string; value: string }[]
}
export interface Imported { accepted: number; left_out: number; first_no: string; last_no: string; first_id: Id; last_id: Id; read: SheetRead }
export interface ImportRepeated {
  rows: { row: number; product: number; id: number; no: string; price_fen: number; same_price: boolean; actor: string; at_ms: number }[];
  repeated: number; fresh: number; seen: string
  sheet: { account: string; at_ms: number; prices: number; first_no: string; last_no: string } | null
}
export interface ImportRefused { accepted: number; errors: RowFault[]; file?: string | null }

/** A record whose content was withheld by law: what its record still says, and the act. */
export interface Withheld {
  author: number; author_name: string; lane: number; seq: number; subject: string; no: string; pos: number | null; act_pos: number | null
  action: string; action_title: string; recorded_by: string; claimed_ms: number | null
  rule: string; rule_title: string; reason: string; asked_by: string; asked_ms: number; decided_by: string; at_ms: number
}
