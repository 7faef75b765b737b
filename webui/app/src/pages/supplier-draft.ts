// supplier-draft.ts - a supplier as a form holds it, and the check digit of its credit code.
import { fold } from '../amount'
import { laidOver } from '../revision'
import type { SupplierDetail } from '../api/shapes'

export interface SupplierDraft {
  name: string; uscc: string; division: string; contact_name: string; contact_phone: string; licence_no: string; licence_until: string
}
export const SUPPLIER_FIELDS: (keyof SupplierDraft)[] = ['name', 'uscc', 'division', 'contact_name', 'contact_phone', 'licence_no', 'licence_until']
export const emptySupplier = (): SupplierDraft => ({ name: '', uscc: '', division: '', contact_name: '', contact_phone: '', licence_no: '', licence_until: '' })

export const supplierDraftOf = (x: SupplierDetail): SupplierDraft =>
  ({
    name: x.name, uscc: x.uscc, division: String(x.division), contact_name: x.contact_name ?? '', contact_phone: x.contact_phone ?? '',
    licence_no: x.licence_no ?? '', licence_until: x.licence_until ?? '',
  })
export const supplierRebase = (d: SupplierDraft, was: SupplierDraft | null, now: SupplierDraft): SupplierDraft => laidOver(d, was, now)

/** A credit code as people type it: full-width, small letters, in groups. */
export const usccOf = (typed: string): string => fold(typed).replace(/[ -]/g, '').toUpperCase()

const wire = (f: keyof SupplierDraft, v: string): unknown => (f === 'division' ? Number(v) : f === 'uscc' ? usccOf(v) : v.trim())
export const supplierFilled = (d: SupplierDraft): Record<string, unknown> =>
  Object.fromEntries(SUPPLIER_FIELDS.filter((f) => d[f] !== '').map((f) => [f, wire(f, d[f])]))
export const supplierChanges = (d: SupplierDraft, was: SupplierDraft): Record<string, unknown> =>
  Object.fromEntries(SUPPLIER_FIELDS.filter((f) => d[f] !== was[f]).map((f) => [f, wire(f, d[f])]))

const ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY'

/** Why this is no credit code, or null.  GB 32100-2015: the sum of code times 3^i mod 31 over seventeen characters, and what completes it to 31. */
export function usccFault(code: string): { rule: 'required' | 'uscc_length' | 'uscc_character' | 'uscc'; params?: Record<string, string | number> } | null {
  const text = [...usccOf(code)]
  const values = text.map((c) => ALPHABET.indexOf(c))
  if (!values.length) return { rule: 'required' }
  if (values.length !== 18) return { rule: 'uscc_length', params: { count: values.length } }
  if (values.includes(-1)) return { rule: 'uscc_character', params: { character: text[values.indexOf(-1)]! } }
  let sum = 0
  let weight = 1
  for (let i = 0; i < 17; i++) {
    sum += values[i]! * weight
    weight = weight * 3 % 31
  }
  return (31 - sum % 31) % 31 === values[17] ? null : { rule: 'uscc' }
}
