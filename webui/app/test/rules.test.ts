// Every rule under which the interface refuses has its words in both languages: whoever reads Chinese is not answered in
// the English of the programs' logs.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import fieldsEn from '../src/words/fields.en'
import fieldsZh from '../src/words/fields.zh'
import formEn from '../src/words/form.en'
import formZh from '../src/words/form.zh'
import rulesEn from '../src/words/rules.en'
import rulesZh from '../src/words/rules.zh'
import savedEn from '../src/words/saved.en'
import savedZh from '../src/words/saved.zh'
import syncEn from '../src/words/sync.en'
import syncZh from '../src/words/sync.zh'
import shellEn from '../src/words/shell.en'
import subgroupsZh from '../src/words/subgroups.zh'
import shellZh from '../src/words/shell.zh'

const root = '../../'                         // npm runs scripts in webui/app
// enrolment.c answers nodes, whose words are the sync page's.
const SOURCES: [folder: string, files: RegExp][] = [
  ['core/domain', /^(?!enrolment)/], ['core/base', /^(json|text|typed|xlsx_read|csv_read|sheet_read|grid|db|tx)\.c$/], ['site', /./], ['webui', /./], ['node', /^(api|price_sheet)/], ['hub', /^api/],
]
// err_rule(err, KIND, field, "rule", ...), and the gatherers of faults that have its shape; fault(row, column, "rule", ...).
const SAID = /\b(?:err_rule|check_fault|faults?_add)\(\s*[^,()]+,\s*[^,;]*?ERR_\w+[^,;]*,\s*[^,;]+,\s*([^,;]*?"[a-z_0-9]+"[^,;]*),|\bfault(?:_value)?\(r,\s*[^,;]+,\s*"([a-z_0-9]+)"/g

function rules(): Map<string, string> {
  const found = new Map<string, string>()
  for (const [folder, files] of SOURCES) {
    for (const name of readdirSync(root + folder).filter((n) => n.endsWith('.c') && files.test(n))) {
      for (const said of readFileSync(`${root}${folder}/${name}`, 'utf8').matchAll(SAID)) {
        for (const word of (said[1] ?? `"${said[2]}"`).matchAll(/"([a-z_0-9]+)"/g)) found.set(word[1]!, `${folder}/${name}`)
      }
    }
  }
  found.set('payload_size', 'core/base/capture.c')       // the one of that file a person can meet: a sheet of long notes
  return found
}

test('every_rule_has_its_words_in_both_languages', () => {
  const found = rules()
  assert.ok(found.size > 60, `only ${found.size} rules were found in the sources`)
  for (const [language, books] of [['zh', [shellZh, formZh, rulesZh]], ['en', [shellEn, formEn, rulesEn]]] as const) {
    const missing = [...found].filter(([rule]) => !books.some((book) => rule in book.rules)).map(([rule, where]) => `${rule} (${where})`)
    assert.deepEqual(missing, [], `no words in ${language}`)
  }
})

// The filter of the audit lists every action that an entry can have.
test('every_action_has_its_words_in_both_languages', () => {
  const actions = [...readFileSync(`${root}core/domain/describe.h`, 'utf8').matchAll(/#define ACTION_\w+ "([\w.]+)"/g)].map((m) => m[1]!)
  assert.ok(actions.length > 25, `only ${actions.length} actions were found`)
  for (const [language, words] of [['zh', syncZh], ['en', syncEn]] as const) {
    assert.deepEqual(actions.filter((a) => !(a in words.actions)), [], `no words in ${language}`)
  }
})

// What auditors read is decoded by the programs, in core/domain/describe*.c: each kind of event, each address that is
// recorded with who looked, each rule under which a line is refused.
const DESCRIBE = readFileSync(`${root}core/domain/describe.c`, 'utf8')
const DESCRIBE_RULES = readFileSync(`${root}core/domain/describe_rule.c`, 'utf8')
const EVENTS = readFileSync(`${root}core/domain/describe_event.c`, 'utf8')
const sources = (folders: string[], files = /\.c$/): string[] => folders.flatMap((folder) => readdirSync(root + folder).filter((n) => files.test(n)).map((n) => readFileSync(`${root}${folder}/${n}`, 'utf8')))

test('every_kind_of_security_event_has_its_words', () => {
  const said = /(?:security_event_(?:add|record|leave)\(tx, |site_record\([^;]*?request, |access_fact fact = \{\s*\.kind = )"([a-z_]+)"|"(account_(?:add|role|disable|enable|reset|logout|unlock))"|close_window\(tx, "([a-z]+)"/g
  const kinds = new Set(sources(['core/domain', 'site', 'hub', 'node', 'program']).flatMap((text) => [...text.matchAll(said)].map((m) => (m[1] ?? m[2] ?? m[3])!)))
  assert.ok(kinds.size > 18, `only ${[...kinds].join(' ')}`)
  assert.deepEqual([...kinds].filter((kind) => !DESCRIBE.includes(`{"kind.${kind}", "`)), [])
})

test('every_address_that_is_told_has_its_words', () => {
  const routes = sources(['hub', 'node', 'site']).flatMap((text) => [...text.matchAll(/\{"(?:GET|POST|PUT|DELETE)", "\/api\/v1\/([^"]+)"/g)].map((m) => m[1]!.replace('.xlsx', '').replace(/\{\w+\}/g, '*')))
  assert.ok(routes.length > 80, `only ${routes.length} routes were found`)
  const known = (route: string): boolean => EVENTS.includes(`{"${route}", "`) || (route.includes('/') && !/^audit\/[a-z]+$/.test(route) && known(route.slice(0, route.lastIndexOf('/'))))
  assert.deepEqual(routes.filter((route) => !known(route)), [])
  const asked = sources(['hub', 'node', 'site']).flatMap((text) => [...text.matchAll(/(?:web_query(?!_take)(?:_[a-z]+)*|answer_query_word)\(request, "([a-z_]+)"/g)].map((m) => m[1]!))
  assert.ok(asked.length > 20)
  assert.deepEqual([...new Set(asked)].filter((name) => !EVENTS.includes(`{"${name}", "`)), [])
})

// A sheet's smaller groups are read by the page's names, and written by them.
test('the_smaller_groups_are_called_the_same_in_sheets_and_on_pages', () => {
  const listed = DESCRIBE.slice(DESCRIBE.indexOf('/* kinds of products */'))
  const said = [...listed.slice(0, listed.indexOf('};')).matchAll(/\{"([^"]+)", "([^"]+)"/g)].map((m) => [m[1]!, m[2]!])
  assert.deepEqual(Object.fromEntries(said), subgroupsZh)
})

test('every_rule_under_which_a_line_is_refused_has_its_words', () => {
  const files = /^(exchange_hub|peer_pace|message|frame|wire|enrolment|batch|entry|store|store_keys|keys|streams|carry_hub|leaves|witness|admit|lines|hearing|renewal|sync_port|link)\.c$/
  const found = sources(['sync', 'hub', 'net'], files).flatMap((text) => [...text.matchAll(/err_rule\(\s*[^,]+,\s*[^,]+,\s*[^,]+,\s*"([a-z_0-9]+)"/g)].map((m) => m[1]!))
  assert.ok(new Set(found).size > 30)
  assert.deepEqual([...new Set(found)].filter((rule) => !DESCRIBE_RULES.includes(`{"${rule}", "`)), [])
})

// Why the province did not accept a record is read in the trail too, in the program's own words.
test('every_reason_for_refusing_a_record_has_its_title', () => {
  const titles = DESCRIBE_RULES
  const reasons = readdirSync(`${root}core/domain`).filter((n) => n.endsWith('.c'))
    .flatMap((n) => [...readFileSync(`${root}core/domain/${n}`, 'utf8').matchAll(/refusal_add\([^;]*?"(price_\w+)"/g)].map((m) => m[1]!))
  assert.ok(reasons.length > 1)
  assert.deepEqual(reasons.filter((rule) => !titles.includes(`{"${rule}", `)), [])
})

test('a_price_that_equals_the_median_is_said_so', () => {
  assert.equal(savedZh.vsMid('相同'), '和全省中位相同')
  assert.equal(savedZh.vsMid('高 5%'), '比全省中位高 5%')
  assert.equal(savedEn.vsMid('the same'), 'the same as the median')
})

test('every_way_in_which_a_province_dismisses_a_line_has_its_words', () => {
  const found = sources(['sync', 'hub']).flatMap((text) => [...text.matchAll(/(?:exchange_hub_refuse|recall_line_dismiss)\(x, "([a-z_]+)"/g)].map((m) => m[1]!))
  assert.ok(found.includes('stopping') && found.includes('rebuilding'), found.join())
  for (const words of [syncZh, syncEn]) assert.deepEqual(found.filter((word) => !(word in words.errors)), [])
})

test('every_column_of_a_sheet_has_a_word_in_both_languages', () => {
  const columns = [['core/domain/catalogue_table.c', /columns\[CATALOGUE_COLUMNS\] = \{([^]*?)\n\};/, /\n {4}\{"(\w+)"/g], ['node/price_sheet.c', /fields\[PRICE_COLUMNS\] = \{([^]*?)\};/, /"(\w+)"/g]] as const
  let seen = 0
  for (const [file, table, one] of columns) {
    for (const [, name] of table.exec(readFileSync(root + file, 'utf8'))![1]!.matchAll(one)) {
      seen++
      assert.ok(fieldsZh[name!], `${file}: ${name} has no Chinese word`)
      assert.ok(fieldsEn[name!], `${file}: ${name} has no English word`)
    }
  }
  assert.ok(seen >= 28, `${seen} columns`)
})
