// en.ts - the same words in English.
import type zh from './zh'

const en: typeof zh = {
  product: 'Sunlit', 
  skip: 'Skip to content', mainMenu: 'Main menu', back: 'Back', more: 'More', close: 'Close', cancel: 'Leave as it is',
  large: 'Large', standard: 'Standard', switchTo: '中文',
  loading: 'Fetching…', saving: 'Saving…', none: '—', optional: 'optional', colon: ': ', semicolon: '; ', comma: ', ', stop: '.',
  retry: 'Retry now', again: 'Try again', export: 'Export', exportN: (n) => `Export ${n}`, exportRows: (n) => `Export ${n}`,
  branchOf: (name) => (/branch/i.test(name) ? name : `${name.replace(/ (County|City|District)( \(.*\))?$/, '')} branch`),
  hubName: (name) => (/hub|centre|center/i.test(name) ? name : `${name} hub`),
  version: (v) => `version ${v}`, nodeCode: (c) => `node ${c}`, hubCode: (c) => `hub ${c}`,

  roles: { staff: 'staff', officer: 'logistics officer', admin: 'administrator', curator: 'curator', auditor: 'auditor', system: 'system' },
  groups: { aquatic: 'Seafood and fish', livestock: 'Meat, eggs, dairy', produce: 'Vegetables and fruit', processed: 'Prepared foods' },
  storages: { live: 'Live', chilled: 'Chilled', frozen: 'Frozen', ambient: 'Ambient', dry: 'Dry' },
  keeps: { frozen: '−18℃', chilled: '0~4℃', ambient: '', dry: '', live: 'moist' },
  units: { kg: 'kg', g: 'g', piece: 'piece', box: 'box', bag: 'bag', bottle: 'bottle', jar: 'jar', litre: 'litre' },
  subgroups: {},
  sources: { settled: 'Paid on delivery', quoted: 'Quoted by supplier', market: 'Seen at market' },
  ways: { direct: 'from the grower', wholesale: 'wholesale', retail: 'retail', market: 'market', cooperative: 'cooperative', online: 'online' },
  perUnit: (unit) => `yuan/${unit}`,
  prefectureOf: (code) => (({
    '3301': 'Hangzhou', '3302': 'Ningbo', '3303': 'Wenzhou', '3304': 'Jiaxing', '3305': 'Huzhou', '3306': 'Shaoxing', '3307': 'Jinhua', '3308': 'Quzhou', '3309': 'Zhoushan', '3310': 'Taizhou', '3311': 'Lishui',
  }) as Record<string, string>)[code.slice(0, 4)] ?? '',

  states: { attention: 'Needs a person', offline: 'Line cut', unknown: 'Unknown', pending: 'To report', syncing: 'Syncing', synced: 'In sync' },
  chip: {
    attention: (n) => `${n} to handle`, offline: ['Line cut,', 'works here'], since: (len) => `for ${len}`, offFor: (len) => `line cut ${len}`, offBranches: (n) => `${n} cut off`,
    checking: 'checking', notAsked: 'no contact yet', pending: (n) => `${n} to report`, oldest: (t) => `oldest ${t}`, sending: 'sending',
    phone: ['No branch node', 'kept on phone'], phoneHub: 'No line to the hub', branches: (n) => `${n} branches`, label: (s) => `State: ${s}`,
  },
  places: { phone: 'On this phone', branch: 'At the branch', province: 'Province has it', refused: 'Not accepted' },
  season: {
    in: 'In season', allYear: 'All year', allYearHave: 'always', until: (t) => `until ${t}`, off: 'Off season', from: (t) => `from ${t}`, closedFish: 'Fishing ban', closed: 'Closed',
    tagNew: 'just in', tagEnd: 'ends this month', tagEndDay: (m, d) => `ends ${d}/${m}`, tagComing: (m) => `from ${['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'][m - 1]}`,
    open: 'In season', unconfirmed: 'to be confirmed', unconfirmedWhy: 'Months and storage are typical values; no branch has confirmed them yet.', label: (a, b) => `In season ${a}; now: ${b}.`, ban: (a) => `${a}.`,
  },
  gi: 'protected origin',
  licence: { until: (d) => `licence to ${d}`, soon: (n) => `licence ends in ${n} days`, today: 'licence ends today', over: (d) => `licence ended ${d}`, none: 'no licence on record' },
  supplierStates: { active: 'can be ordered', suspended: 'suspended', blacklisted: 'blacklisted' },
  statuses: { active: 'in use', suspended: 'suspended', blacklisted: 'blacklisted', delisted: 'delisted', retired: 'delisted' },

  fields: {
    name_zh: 'Name', name_pinyin: 'Pinyin', name_en: 'English name', aliases: 'Aliases', group_code: 'Group', group: 'Group', subgroup: 'Subgroup', origin_code: 'Origin', unit: 'Unit',
    storage: 'Storage', storage_note_zh: 'Storage note', geo_indication: 'Protected origin', geo_basis: 'Source of the indication', seasons: 'Months', status: 'Status', status_reason: 'Reason', confirmed: 'Confirmed', rev: 'Revision',
    name: 'Name', uscc: 'Unified social credit code', division: 'Place', contact_name: 'Contact', contact_phone: 'Phone', licence_no: 'Licence no.', licence_until: 'Licence until', licence_until_date: 'Licence until',
    price_fen: 'Unit price', qty: 'Quantity', supplier: 'Supplier', source: 'Source of the price', date: 'Date', observed_date: 'Date', note: 'Note', quality: 'Quality', price: 'Price', delivery: 'Delivery', remark: 'Remark',
    product: 'Product', reason: 'Reason', old: 'Current password', new: 'New password', repeat: 'Once more', password: 'Password', role: 'Role', way: 'Way of buying', min_order_qty: 'Minimum order', delivery_area: 'Delivery area', start_md: 'From', end_md: 'Until', kind: 'Kind', branch: 'Branch', code: 'Code', verdict: 'Decision', fields: 'By field', no: 'Number', target: 'Target', patch: 'Changes', base_rev: 'Base revision', replaces: 'Replaces', void: 'Void', actor: 'By', at_ms: 'Time',
    median_fen: 'Median', p25_fen: 'Lower quartile', p75_fen: 'Upper quartile', branches: 'Branches', count: 'Count', period: 'Period', overall: 'Overall', trend: 'Trend', proposal: 'Proposal', detail: 'Detail', rule: 'Rule', subject_table: 'Table', subject_id: 'Record', disabled: 'Disabled', peer: 'From',
  },

  form: {
    notSaved: (bad, doubts) => 'Not saved yet: ' + [bad ? `${bad} to mend` : '', doubts ? `${doubts} to check` : ''].filter(Boolean).join(', '),
    draft: 'This goes on from what was not saved last time.', dropDraft: 'Start afresh', 
  },
  reach: {
    node: 'The branch node does not answer.', hub: 'The hub does not answer.', tried: (t) => `Tried at ${t}; it tries again by itself.`, stale: (t) => `No answer; this was fetched at ${t}.`,
  },
  fault: {
    unreachable: 'No answer. What you typed is still on this page.', unknown: 'This was not done.', gone: 'There is no such record.', 
  },
  rules: {
    withheld: () => 'The content is withheld by law',
    price_outlier: () => 'more than 5 times, or less than a fifth, of the province’s median', too_old: () => 'more than 400 days ago', correct_it: () => 'correct it or take it back', replaced: () => 'already corrected', decided: () => 'already decided', check_digit: () => 'the check digit of the credit code is wrong', twice: () => 'It stands twice', xlsx: () => 'Not a workbook that can be read', column_count: () => 'The wrong number of columns', control_character: () => 'It holds an invisible control character', invisible_character: () => 'It holds a character nobody can see; delete it and type it again', direction_character: () => 'It holds a character that turns the direction of text; delete it and type it again', guessable: () => 'This password is too easy to guess', unknown_account: () => 'There is no such account', restoring: () => 'This branch is taking its own records back from the province; it writes when it has all', no_session: () => 'The login has ended; log in again', other_site: () => 'This database belongs to another branch', rebuilding: () => 'The province is being rebuilt from its branches; work goes on here', log_rolled_back: () => 'The province’s log is shorter than what was witnessed', log_forked: () => 'The province shows two different logs', log_rewritten: () => 'The province’s log rewrote earlier records', leaves_differ: () => 'The province’s log holds other records than this branch wrote', diverged: () => 'The province has records this branch does not know; enrol again', character: () => 'a character that must not be there', not_a_county: () => 'must be the code of a county', already_confirmed: () => 'this branch has confirmed it', unknown_price: () => 'no such price', unknown_proposal: () => 'no such proposal', count: () => 'too many', quote: () => 'a quote is not closed', rows: () => 'too many rows', faults: () => 'nothing was saved', unknown_invite: () => 'not an invitation of this province', not_enrolled: () => 'this branch is not enrolled', scope: () => 'data of somebody else', schema: () => 'schema not known', upgrade_first: () => 'upgrade the program first', revoked: () => 'this branch’s certificate was revoked; ask the province for a new invitation',
    required: () => 'not filled in yet', choose: () => 'not chosen yet', type: () => 'wrong format', range: () => 'out of range', length: (p) => (p.max ? `too long, ${p.max} characters at most` : 'too long or too short'), one_of: () => 'no such choice', unknown_field: () => 'no such field', json: () => 'cannot be read', date: () => 'not a date, e.g. 2026-11-24', future: (p) => `cannot be after today${p.today ? ` (${p.today})` : ''}`,
    number: () => 'not a number, e.g. 118.00', thousands: () => 'a comma parts thousands only; decimals take a point: 12.50', places: (p) => `at most ${p.places} decimals`, most: (p) => `at most ${p.most}`, whole: () => 'a whole number', brief: () => 'too short; say more', uscc_length: (p) => `has 18 characters; here are ${p.count}`, uscc_character: (p) => `has no character “${p.character}”`, positive: () => 'must be above 0', negative: () => 'must not be negative', repeat: () => 'the two are not the same', short: (p) => `too short, at least ${p.min ?? 10} characters`, same: () => 'the same as now', weak: () => 'too easy to guess', same_password: () => 'the same as now', months: () => 'fill in both months',
    unknown_product: () => 'not in the catalogue', unknown_supplier: () => 'no such supplier', unknown_division: () => 'no such division code', unknown_unit: () => 'no such unit', uscc: () => 'the check digit of the credit code is wrong', duplicate: () => 'given twice', exists: () => 'already there', no_idempotency_key: () => 'the page is too old; reload it', key_reused: () => 'this form was changed; reload and save again', other_account: (p) => `this page is ${p.named}’s, and the browser is now logged in as ${p.session}`,
    login_required: () => 'please log in again', wrong_login: () => 'account or password is wrong', wrong_password: () => 'the current password is wrong', locked_out: (p) => `too many tries, wait ${p.retry_ms ? `${Math.ceil(Number(p.retry_ms) / 1000)} s` : 'a while'}`, rate: () => 'too fast; wait a few seconds', role: () => 'this role may not do that', must_change_password: () => 'first replace the temporary password', csrf: () => 'the page is too old; reload it', origin: () => 'this request did not come from this site', last_admin: () => 'one working administrator must remain', disabled: () => 'this account is disabled',
    not_found: () => 'not found', method: () => 'this cannot be done here', stale: () => 'somebody just changed this; look at it again', json_depth: () => 'nested too deeply', not_yet_signed: () => 'no checkpoint covers it yet; try again in a few seconds', already_decided: () => 'already decided', already_void: () => 'already void', body_size: () => 'too large', file_size: () => 'the file is too large', row_count: () => 'too many rows', content_type: () => 'neither XLSX nor CSV', outlier: (p) => (p.times ? `please check: ${p.times} times the province’s median` : 'please check: far from the province’s median'), sheet: () => 'the sheet has faults',
    missing_column: () => 'this column is missing', unknown_column: () => 'no such column', no_prices: () => 'no row has a price', ambiguous: () => 'more than one has this name: give the number', other_product: () => 'not the same product', unknown_evaluation: () => 'no such rating', edge_space: () => 'begins or ends with a space', province_only: () => 'only the province may change this', unknown_session: () => 'no such session', delisted: () => 'this product is delisted', supplier_inactive: () => 'nothing may be ordered from this supplier', unchanged: () => 'same as it is now', entry_rows: () => 'too much at once', request: () => 'the request cannot be read', list: () => 'no entry chosen, or too many', waits: () => 'waits for an upgrade', handled: () => 'already dealt with', body_end: () => 'not sent whole', body_rate: () => 'sent too slowly',
    column: () => 'wrong column', columns: () => 'wrong columns', header: () => 'wrong heading', encoding: () => 'unknown encoding', row: () => 'this row cannot be read', empty: () => 'is empty',
    busy: () => 'busy; try again in a few seconds', disk_full: () => 'the disk is full: reading only; an administrator must make room', read_only: () => 'the disk has become read-only: reading only; an administrator must look at it', io: () => 'the disk has a problem; see the log', store_damaged: () => 'the data file is damaged: reading only; see the log', internal: () => 'the program has a problem; it is in the log',
  },
  empty: { lost: 'There is no such page', lostWhy: 'The address may be wrong, or the record is gone.', home: 'Home', forbidden: 'This needs another role', forbiddenWhy: (r) => `Your role is ${r}; it cannot open this page.`, failed: 'Could not be fetched' },
  theme: { system: 'as the system', light: 'light', dark: 'dark' },
  sizes: { standard: 'standard', large: 'large', larger: 'larger', largest: 'largest' },
  login: {
    title: 'Log in', name: 'Account', password: 'Password', hint: 'The first login replaces the temporary password. If you forgot yours, ask the branch administrator.', hintHub: 'The first login replaces the temporary password. If you forgot yours, ask the administrator.', act: 'Log in', busy: 'Logging in…',
    cut: ['The line to the province is cut; ', 'logging in and recording work as usual', '.'], expired: 'Your login ended; please log in again. What you were filling in is kept.',
  },
  password: {
    title: 'Change password', first: 'First replace the temporary password', firstWhy: 'A temporary password works once; after this you can go on.', old: 'Current password', new: 'New password', repeat: 'New password once more', hint: 'At least 10 characters. A few unrelated words are easier to remember than noise.', act: 'Set the new password', done: 'The password is changed; every other login has ended.', show: 'Show', hide: 'Hide',
  },
}

export default en
