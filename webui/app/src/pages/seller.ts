// seller.ts - a supplier as one choice among others: its name as it is registered, its county in the language of the page.
import type { ComputedRef } from 'vue'
import { placeName } from '../names'
import { useOffered, type Choice } from '../offered'
import { lang } from '../words/speak'
import { wPrice } from '../words/price'
import type { Product } from '../api/shapes'

export const sellerChoice = (s: { name: string; division_name: string; division_name_en: string }): string =>
  (lang.value === 'zh' ? `${s.name}（${placeName(s)}）` : `${s.name} (${placeName(s)})`)

/** Who supplies the product, and whoever stood in the form, as the record calls them. */
export const useSellers = (
  product: () => Product | null, value: () => string, record: () => { supplier: number | null; supplier_name: string | null } | null
): ComputedRef<Choice[]> =>
  useOffered(() => (product()?.channels ?? []).map((c): Choice => [String(c.supplier.id), sellerChoice(c.supplier)]), value, (id) => {
    const r = record()
    return wPrice.notSupplying(r && String(r.supplier) === id ? r.supplier_name ?? '' : '')
  })
