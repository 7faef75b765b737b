// fields.en.ts - what the columns and fields of records are called, in English.
import type zh from './fields.zh'

const en: typeof zh = {
  name_zh: 'Name', name_pinyin: 'Pinyin', name_en: 'English name', aliases: 'Aliases', group_code: 'Group', group: 'Group', subgroup: 'Subgroup', origin_code: 'Origin', unit: 'Unit',
  storage: 'Storage', storage_note_zh: 'Storage note', geo_indication: 'Protected origin', geo_basis: 'Source of the indication', seasons: 'Months', status: 'Status', status_reason: 'Reason', confirmed: 'Confirmed', rev: 'Revision',
  name: 'Name', uscc: 'Unified social credit code', division: 'Place', contact_name: 'Contact', contact_phone: 'Phone', licence_no: 'Licence no.', licence_until: 'Licence until', licence_until_date: 'Licence until',
  price_fen: 'Unit price', qty: 'Quantity', supplier: 'Supplier', source: 'Source of the price', date: 'Date', observed_date: 'Date', note: 'Note', quality: 'Quality', price: 'Price', delivery: 'Delivery', remark: 'Remark',
  product: 'Product', reason: 'Reason', old: 'Current password', new: 'New password', repeat: 'Once more', password: 'Password', role: 'Role', way: 'Way of buying', min_order_qty: 'Minimum order', delivery_area: 'Delivery area', start_md: 'From', end_md: 'Until', kind: 'Kind', branch: 'Branch', code: 'Code', verdict: 'Decision', fields: 'By field', no: 'Number', target: 'Target', patch: 'Changes', base_rev: 'Base revision', replaces: 'Replaces', void: 'Void', actor: 'By', at_ms: 'Time',
  median_fen: 'Median', p25_fen: 'Lower quartile', p75_fen: 'Upper quartile', branches: 'Branches', count: 'Count', period: 'Period', overall: 'Overall', trend: 'Trend', proposal: 'Proposal', detail: 'Detail', rule: 'Rule', subject_table: 'Table', subject_id: 'Record', disabled: 'Disabled', peer: 'From',
  season_start_month: 'First month', season_end_month: 'Last month', gb2260: 'Code of the origin', origin_prefecture: 'Prefecture', origin_county: 'Origin', product_name: 'Product', qty_milli: 'Quantity', confirm_outlier: 'Unusual price checked', confirm_date: 'Day checked', origin: 'Origin',
}

export default en
