// product-draft.ts - a product as a form holds it, and what was changed in it.
import type { Product } from '../api/shapes'
import type { Season } from '../season'

export interface ProductDraft {
  name_zh: string; name_pinyin: string; name_en: string; aliases: string
  group: string; subgroup: string; origin_code: string; unit: string
  storage: string; storage_note_zh: string; geo_indication: boolean; geo_basis: string; seasons: Season[]
}
export const PRODUCT_FIELDS: (keyof ProductDraft)[] = [
  'name_zh', 'name_pinyin', 'name_en', 'aliases', 'group', 'subgroup', 'origin_code', 'unit', 'storage', 'storage_note_zh', 'seasons',
  'geo_indication', 'geo_basis',
]

/** Nothing is chosen for the person: what is required asks. */
export const emptyProduct = (name = ''): ProductDraft => ({
  name_zh: name, name_pinyin: '', name_en: '', aliases: '', group: '', subgroup: '', origin_code: '', unit: '', storage: '', storage_note_zh: '',
  geo_indication: false, geo_basis: '', seasons: [],
})

export const draftOf = (p: Product): ProductDraft => ({
  name_zh: p.name_zh, name_pinyin: p.name_pinyin, name_en: p.name_en, aliases: p.aliases ?? '', group: p.group, subgroup: p.subgroup,
  origin_code: String(p.origin_code),
  unit: p.unit, storage: p.storage, storage_note_zh: p.storage_note_zh ?? '', geo_indication: p.geo_indication, geo_basis: p.geo_basis ?? '',
  seasons: p.seasons.map((s) => ({ kind: s.kind, start_md: s.start_md, end_md: s.end_md })),
})

/** Where an indication can be read up goes with the indication: without it the form does not show it, and no product has it. */
const shown = (d: ProductDraft): ProductDraft => (d.geo_indication ? d : { ...d, geo_basis: '' })

const wire = (field: keyof ProductDraft, value: unknown): unknown =>
  field === 'origin_code' ? Number(value) : typeof value === 'string' ? value.trim() : value

/** Only what differs travels: a field that was not touched can never overwrite what the province did meanwhile. */
export function changesOf(typed: ProductDraft, stood: ProductDraft): Record<string, unknown> {
  const [now, before] = [shown(typed), shown(stood)]
  return Object.fromEntries(PRODUCT_FIELDS.filter((f) => JSON.stringify(now[f]) !== JSON.stringify(before[f])).map((f) => [f, wire(f, now[f])]))
}

/** What was typed against one revision, laid over another: only the fields that were touched are kept. */
export function rebase(draft: ProductDraft, before: ProductDraft | null, after: ProductDraft): ProductDraft {
  if (!before) return after
  const touched = PRODUCT_FIELDS.filter((f) => JSON.stringify(draft[f]) !== JSON.stringify(before[f]))
  return { ...after, ...Object.fromEntries(touched.map((f) => [f, draft[f]])) }
}

/** Every field, as it travels. */
export const wired = (d: ProductDraft): Record<string, unknown> => Object.fromEntries(PRODUCT_FIELDS.map((f) => [f, wire(f, d[f])]))

/** Everything that was filled in. */
export function filledOf(typed: ProductDraft): Record<string, unknown> {
  const d = shown(typed)
  return Object.fromEntries(PRODUCT_FIELDS.filter((f) => d[f] !== '' && d[f] !== false && (f !== 'seasons' || d.seasons.length)).map((f) => [f, wire(f, d[f])]))
}

/** What of a new or changed product has not been said yet. */
export function productFaults(d: ProductDraft): [keyof ProductDraft, 'required' | 'choose' | 'months'][] {
  const out: [keyof ProductDraft, 'required' | 'choose' | 'months'][] = d.name_zh.trim() ? [] : [['name_zh', 'required']]
  for (const f of ['group', 'origin_code', 'unit', 'storage'] as const) if (!d[f]) out.push([f, 'choose'])
  const bad = seasonsFault(d.seasons)
  if (bad) out.push(['seasons', bad])
  return out
}

/** Something is sold at some time of the year, and each of its windows has two ends. */
export const seasonsFault = (all: Season[]): 'choose' | 'months' | null =>
  !all.some((s) => s.kind === 'open') ? 'choose' : all.every((s) => s.start_md > 100 && s.end_md > 100) ? null : 'months'
