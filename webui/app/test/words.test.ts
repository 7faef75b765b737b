// The books of words: one of a thing is told as one, in every sentence that counts; quotes within quotes are the inner ones.
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { role, who } from '../src/words'
import { spoken } from '../src/words/speak'
import accountsEn from '../src/words/accounts.en'
import accountsZh from '../src/words/accounts.zh'
import auditEn from '../src/words/audit.en'
import auditZh from '../src/words/audit.zh'
import asideEn from '../src/words/aside.en'
import asideZh from '../src/words/aside.zh'
import awayEn from '../src/words/away.en'
import awayZh from '../src/words/away.zh'
import boardEn from '../src/words/board.en'
import boardZh from '../src/words/board.zh'
import catalogueEn from '../src/words/catalogue.en'
import catalogueZh from '../src/words/catalogue.zh'
import compareEn from '../src/words/compare.en'
import compareZh from '../src/words/compare.zh'
import confirmEn from '../src/words/confirm.en'
import confirmZh from '../src/words/confirm.zh'
import doubtEn from '../src/words/doubt.en'
import doubtZh from '../src/words/doubt.zh'
import editorEn from '../src/words/editor.en'
import editorZh from '../src/words/editor.zh'
import enrolEn from '../src/words/enrol.en'
import enrolZh from '../src/words/enrol.zh'
import fieldsEn from '../src/words/fields.en'
import fieldsZh from '../src/words/fields.zh'
import formEn from '../src/words/form.en'
import formZh from '../src/words/form.zh'
import goodsEn from '../src/words/goods.en'
import goodsZh from '../src/words/goods.zh'
import homeEn from '../src/words/home.en'
import homeZh from '../src/words/home.zh'
import importEn from '../src/words/import.en'
import importZh from '../src/words/import.zh'
import lateEn from '../src/words/late.en'
import lateZh from '../src/words/late.zh'
import loginEn from '../src/words/login.en'
import loginZh from '../src/words/login.zh'
import lostEn from '../src/words/lost.en'
import lostZh from '../src/words/lost.zh'
import meEn from '../src/words/me.en'
import meZh from '../src/words/me.zh'
import passwordEn from '../src/words/password.en'
import passwordZh from '../src/words/password.zh'
import pickEn from '../src/words/pick.en'
import pickZh from '../src/words/pick.zh'
import prefecturesEn from '../src/words/prefectures.en'
import prefecturesZh from '../src/words/prefectures.zh'
import priceEn from '../src/words/price.en'
import priceZh from '../src/words/price.zh'
import productEn from '../src/words/product.en'
import productZh from '../src/words/product.zh'
import proposalsEn from '../src/words/proposals.en'
import proposalsZh from '../src/words/proposals.zh'
import proposeEn from '../src/words/propose.en'
import proposeZh from '../src/words/propose.zh'
import rateEn from '../src/words/rate.en'
import rateZh from '../src/words/rate.zh'
import recordsEn from '../src/words/records.en'
import recordsZh from '../src/words/records.zh'
import returnedEn from '../src/words/returned.en'
import returnedZh from '../src/words/returned.zh'
import reviewEn from '../src/words/review.en'
import reviewZh from '../src/words/review.zh'
import rulesEn from '../src/words/rules.en'
import rulesZh from '../src/words/rules.zh'
import rulingEn from '../src/words/ruling.en'
import rulingZh from '../src/words/ruling.zh'
import savedEn from '../src/words/saved.en'
import savedZh from '../src/words/saved.zh'
import sheetEn from '../src/words/sheet.en'
import sheetZh from '../src/words/sheet.zh'
import shellEn from '../src/words/shell.en'
import shellZh from '../src/words/shell.zh'
import stickEn from '../src/words/stick.en'
import sendingEn from '../src/words/sending.en'
import sendingZh from '../src/words/sending.zh'
import stickZh from '../src/words/stick.zh'
import subgroupsEn from '../src/words/subgroups.en'
import subgroupsZh from '../src/words/subgroups.zh'
import suppliersEn from '../src/words/suppliers.en'
import suppliersZh from '../src/words/suppliers.zh'
import syncEn from '../src/words/sync.en'
import syncZh from '../src/words/sync.zh'
import tradeEn from '../src/words/trade.en'
import tradeZh from '../src/words/trade.zh'
import trailEn from '../src/words/trail.en'
import trailZh from '../src/words/trail.zh'
import trustEn from '../src/words/trust.en'
import trustZh from '../src/words/trust.zh'
import unheardEn from '../src/words/unheard.en'
import unheardZh from '../src/words/unheard.zh'
import withheldEn from '../src/words/withheld.en'
import withheldZh from '../src/words/withheld.zh'

const en: Record<string, object> = { accounts: accountsEn, aside: asideEn, audit: auditEn, away: awayEn, board: boardEn, catalogue: catalogueEn, compare: compareEn, confirm: confirmEn, doubt: doubtEn, editor: editorEn, enrol: enrolEn, fields: fieldsEn, form: formEn, goods: goodsEn, home: homeEn, import: importEn, late: lateEn, login: loginEn, lost: lostEn, me: meEn, password: passwordEn, pick: pickEn, prefectures: prefecturesEn, price: priceEn, product: productEn, proposals: proposalsEn, propose: proposeEn, rate: rateEn, records: recordsEn, returned: returnedEn, review: reviewEn, rules: rulesEn, ruling: rulingEn, saved: savedEn, sending: sendingEn, sheet: sheetEn, shell: shellEn, stick: stickEn, subgroups: subgroupsEn, suppliers: suppliersEn, sync: syncEn, trade: tradeEn, trail: trailEn, trust: trustEn, unheard: unheardEn, withheld: withheldEn }
const zh: Record<string, object> = { accounts: accountsZh, aside: asideZh, audit: auditZh, away: awayZh, board: boardZh, catalogue: catalogueZh, compare: compareZh, confirm: confirmZh, doubt: doubtZh, editor: editorZh, enrol: enrolZh, fields: fieldsZh, form: formZh, goods: goodsZh, home: homeZh, import: importZh, late: lateZh, login: loginZh, lost: lostZh, me: meZh, password: passwordZh, pick: pickZh, prefectures: prefecturesZh, price: priceZh, product: productZh, proposals: proposalsZh, propose: proposeZh, rate: rateZh, records: recordsZh, returned: returnedZh, review: reviewZh, rules: rulesZh, ruling: rulingZh, saved: savedZh, sending: sendingZh, sheet: sheetZh, shell: shellZh, stick: stickZh, subgroups: subgroupsZh, suppliers: suppliersZh, sync: syncZh, trade: tradeZh, trail: trailZh, trust: trustZh, unheard: unheardZh, withheld: withheldZh }

/** Every sentence of a book, those that are put together with this in each place. */
function* sentences(of: unknown, path: string, given: unknown): Generator<[string, string]> {
  if (typeof of === 'string') yield [path, of]
  else if (typeof of === 'function') {
    try { yield* sentences(of(...Array<unknown>(of.length).fill(given)), path, given) } catch { /* it wants something else */ }
  } else if (of && typeof of === 'object') for (const [key, x] of Object.entries(of)) yield* sentences(x, `${path}.${key}`, given)
}
const all = (books: Record<string, object>, given: unknown): [string, string][] => Object.entries(books).flatMap(([name, book]) => [...sentences(book, name, given)])

test('every_book_is_read', () => {
  const there = readdirSync('src/words').filter((n) => n.endsWith('.en.ts')).map((n) => n.slice(0, -6))
  assert.deepEqual(there.filter((name) => !(name in en && name in zh)), [])
})

const MANY = /(?<![\d.,–-])1 (\w+ )?(entries|fields|records|products|prices|rows|branches|ratings|suppliers|days|keys|times|lists|proposals|corrections|questions|requests|files|sheets|accounts|minutes|hours|wait)\b/
test('one_of_a_thing_is_told_as_one', () => {
  const wrong = (given: unknown): string[] => all(en, given).filter(([, text]) => MANY.test(text)).map(([path]) => path)
  assert.ok(all(en, 1).length > 800)
  const asNumber = wrong(1)                   // what counts takes a number or a number as it is written, never both
  assert.deepEqual(wrong('1').filter((path) => asNumber.includes(path)), [])
})

test('a_button_says_its_result', () => {
  const bare = /^(存|确定|好的|提交|OK|Ok|Save|Submit|Yes)$/
  assert.deepEqual([...all(zh, 1), ...all(en, 1)].filter(([, text]) => bare.test(text)).map(([path]) => path), [])
})

/** What stands behind "label:" in the list of faults says what is wrong, and not once more which field it is about. */
test('no_fault_says_its_label_again', () => {
  const bare = (text: string): string => text.toLowerCase().replace(/^(the|this|a|an) /, '')
  for (const [fields, form, rules, login, password, accounts] of [[fieldsZh, formZh, rulesZh, loginZh, passwordZh, accountsZh], [fieldsEn, formEn, rulesEn, loginEn, passwordEn, accountsEn]] as const) {
    const labels = [...Object.values(fields), login.name, login.password, password.old, password.new, accounts.name].filter((l) => l.length > 1).map((l) => l.toLowerCase())
    const all = { ...form.rules, ...rules.rules }
    const alone = ['price_outlier', 'withdrawn', 'wrong_login', 'future_asked']      // said of a whole record, a proposal, a login; in another column than the one it names
    const again = Object.entries(all).filter(([rule]) => !alone.includes(rule)).flatMap(([rule, words]) => {
      const said = bare(words({ count: 17, character: 'I', max: 40, today: '2026-11-24', off_ms: 1 }))
      return labels.filter((l) => (/[a-z]/.test(l) ? l.includes(' ') && said.includes(l) : said.startsWith(l) || (l.length > 3 && said.includes(l)))).map((l) => `${rule}: ${l}: ${said}`)
    })
    assert.deepEqual(again, [])
  }
})

test('an account called as a role is, or as what every object has, stays an account', async () => {
  await spoken()
  assert.deepEqual(['officer', 'admin', 'constructor', 'system'].map(who), ['officer', 'admin', 'constructor', '系统'])
  assert.deepEqual(['officer', 'constructor', 'toString'].map(role), ['后勤专员', 'constructor', 'toString'])
})
