// shapes.ts - what the hub alone sends, as docs/openapi.yaml describes it.
import type { Counts, Decision, Item, Patch, Period, Proposal, Ruling, State, Withheld } from '../api/shapes'

export interface BoardRow {
  code: number; name_zh: string; name_en: string; prefecture_code: number; prefecture_name?: string; state: State
  since_ms: number | null; last_contact_ms: number | null; pending: number | null; oldest_pending_ms: number | null; refused: number | null
  skew_ms: number | null; version: string | null; schema: number | null; upgrade: 'ok' | 'wait_link' | 'wait_pending' | 'attention' | null
  epoch: number | null; seq: number | null; reason: string
}
/** How far the public log is witnessed. */
export interface Witnessed { size: number; witnessed: number; waits_since_ms: number | null; limit_ms: number; late: boolean; rule: 'policy' | 'branches' }
export interface OutsideWitness {
  name: string; url: string; size: number; asked_ms: number | null; failing_since_ms: number | null; rule: string | null; text: string | null
}
/** A hub that has just started signs nothing until its branches have called. */
export interface Listening { until_ms: number; branches: number; heard: number; codes: number[] }
export interface Board { now_ms: number; counts: Counts; branches: BoardRow[]; log: Witnessed; outside: OutsideWitness[]; listening: Listening | null }

export interface ReviewRow extends Proposal { fields: number; stale: boolean; received_ms: number | null }
/** What the catalogue has under a name like that of something new. */
export interface Similar {
  id: number; name: string; name_en: string; aliases: string; place: string; place_en: string; status: string;
  why: 'name' | 'alias' | 'pinyin' | 'english' | 'close' | 'part'
}
export interface Review extends Proposal {
  old_unit_prices: number | null
  old_unit_orders: number | null
  fields: number; stale: boolean; readable: boolean; received_ms: number | null
  base: Patch | null
  now: { rev: number; fields: Patch; changed: Record<string, { at_ms: number; actor: string; rev: number }> } | null
  proposed: Patch
  signature: { verified: boolean }
  entry_pos: number | null
  similar: Similar[]
  history: { branch: number; branch_name: string; branch_name_en: string; id: number; no: string; at_ms: number; verdict: Decision['verdict'] | null }[]
}

export interface Compare {
  product: Item; days: number
  counties: {
    branch: number; name: string; name_en: string; prefecture_code: number; prefecture_name: string; last_fen: number; date: string; count: number;
    median_fen: number; source: string; vs_median_pct: number | null
  }[]
  province: {
    median_fen: number | null; p25_fen: number | null; p75_fen: number | null; low_fen: number | null; high_fen: number | null; branches: number;
    count: number
  }
  periods: Period[]
}

export type AuditState = 'verified' | 'quarantined' | 'parked' | 'fork' | 'lost'
export interface AuditRow {
  pos: number; author: number; author_name: string; lane: number; epoch: number; seq: number; claimed_ms: number; received_ms: number
  actor: string; action: string; action_title: string; subject: string; title: string; state: AuditState; reason: string; early: boolean; back: boolean
}
export interface Audit { items: AuditRow[]; total: number; next: string | null; actions: string[]; lag: number }
/** What an id in an entry stands for; the names are those of now, null when there is no such row. */
export interface RowRef {
  kind: 'product' | 'supplier' | 'division' | 'price' | 'evaluation' | 'proposal'; branch: number | null; before: string | null; after: string | null
}
export interface EntryField { name: string; title: string; before: string | null; after: string | null; ref: RowRef | null }
export interface AuditEntry extends AuditRow {
  rulings: Ruling[]
  changes: { table: string; title: string; op: 'insert' | 'update' | 'delete'; key: string; fields: EntryField[] }[]
  record_hex: string; record_hash: string; prev_hash: string; payload_size: number; payload_sha256: string; withheld: boolean; schema: number;
  signature_hex: string | null; change_count: number; change_fault: string | null
  checks: { name: 'signature' | 'chain' | 'payload' | 'scope' | 'log' | 'witnesses'; ok: boolean | null; detail: string }[]
  key: { epoch: number; public_hex: string; since_ms: number; revoked_ms: number | null } | null
}
export interface BranchRow {
  code: number; name_zh: string; name_en: string; prefecture_code: number; prefecture_name: string; state: 'none' | 'invited' | 'enrolled' | 'revoked'
  epoch: number | null; enrolled_ms: number | null; invite_expires_ms: number | null; certificate_until_ms: number | null; last_contact_ms: number | null
}

export interface CheckpointNow { origin: string; size: number; root: string; signed_ms: number | null }
export interface AuditStream {
  seq: number; entries: number; missing: number; repeats: number; superseded: number; whole: boolean | null; frozen_ms: number | null; frozen_reason: string
  waiting_seq: number | null; claimed_ms: number | null; received_ms: number | null; breaks: { pos: number; seq: number; expected: number }[]
}
export interface AuditAuthor {
  author: number; author_name: string; state: 'attention' | 'offline' | 'unknown' | 'synced'; reason: string; enrolled: boolean; keys: number;
  own: AuditStream; down: AuditStream
  last_contact_ms: number | null; silent_ms: number | null; delay_median_ms: number | null; delay_max_ms: number | null; delay_max_pos: number | null
  early: number; early_max_ms: number; back: number; skew_ms: number | null; quarantined: number; parked: number; forks: number; lost: number; refused: number
}
export interface AuditBranches {
  now_ms: number; entries: number; lag: number; silent_after_ms: number; checkpoint: CheckpointNow | null;
  counts: Record<AuditAuthor['state'], number>; items: AuditAuthor[]; total: number
}
export interface SecurityEvent {
  branch: number; branch_name: string; id: number; kind: string; kind_title: string; actor: string; detail: string; detail_title: string;
  peer: string; count: number; at_ms: number; pos: number | null
}
export interface AuditKey { author: number; author_name: string; epoch: number; public_hex: string; since_ms: number; revoked_ms: number | null }
export interface Held extends AuditRow {
  waits: boolean; reason_title: string; detail: string; at_ms: number; schema: number; behind: number;
  handled: { pos: number; at_ms: number; actor: string } | null
}
export interface Quarantine { schema: number; items: Held[]; total: number; next: string | null }
export interface Compared {
  verdict: string; saved: { origin: string; size: number; root: string } | null; checkpoint: CheckpointNow | null;
  fault: { rule: string; text: string } | null; file: string | null; file_name: string | null
}
export interface Judged { price_fen: number; median_fen: number | null; branches: number; at_ms: number; now_fen: number | null }
export interface BehindRow {
  branch: number; branch_name: string; branch_name_en: string; id: number; no: string; pos: number | null; actor: string; at_ms: number;
  price_fen?: number; unit?: string; date?: string; source?: string; quality?: number; price?: number; delivery?: number; product_name?: string
}
export interface WithholdRequest {
  id: number; rule: string; rule_title: string; reason: string; asked_by: string; asked_ms: number
  verdict: 'withheld' | 'declined' | null; answer_reason: string; answered_by: string | null; answered_ms: number | null
  may_carry_out?: boolean; may_decline?: boolean
}
export interface WithholdWaiting extends WithholdRequest { pos: number; author: number; author_name: string; seq: number }
export interface Withholding {
  pos: number; state: 'open' | 'asked' | 'withheld' | 'kept'; why: { kind: string; rule: string; field: string; text: string } | null
  act: Withheld | null; requests: WithholdRequest[]; may_ask: boolean; rows: number
  with: { pos: number; no: string; subject: string }[]; rules: { rule: string; title: string }[]
}

export interface PriceDoubt {
  branch: number; branch_name: string; branch_name_en: string; id: number; no: string
  product: number; product_name: string; product_name_en: string; unit: string
  price_fen: number; median_fen: number | null; branches: number; date: string; source: string; qty: number | null; note: string; actor: string; at_ms: number
}
export interface OldUnit { prices: number; orders: number; rows: number[] }
export interface Imported {
  products: number; added: number; changed: number; sheets_not_read: string | null; old_unit: OldUnit
  above_heading: { row: number; value: string }[]
}
export interface ImportChanges {
  old_unit: OldUnit
  rows: {
    prices: number; orders: number; row: number; id: number; rev: number; name_zh: string; delisted: boolean; changed_by: string; changed_ms: number;
    fields: { field: string; now: unknown; sheet: unknown }[]
  }[]
  changed: number; delisted: number; seen: string
}
