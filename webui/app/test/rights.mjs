// rights.mjs - what the interface lets somebody do is offered on the pages, and nothing else: every role, the own record and
// that of another, held against the roles that docs/openapi.yaml names.  In a real browser against the stand-in.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { end, story } from './story.mjs'

const api = readFileSync(new URL('../../../docs/openapi.yaml', import.meta.url), 'utf8')
const list = (block, key) => (new RegExp(`${key}: \\[([^\\]]*)\\]`).exec(block)?.[1] ?? '').split(', ').filter(Boolean)
function lets(operation, role, own) {
  const [, block] = new RegExp(`operationId: ${operation}\\n([\\s\\S]*?)\\n      summary`).exec(api) ?? assert.fail(`${operation} is not described`)
  return list(block, 'x-roles').includes(role) && (own || !list(block, 'x-own').includes(role))
}

const ROLES = ['staff', 'officer', 'admin']
/** Where, and by what it is offered; with `of`: what is of one of the records, whose author is named. */
const rating = (who) => 9100 + ROLES.indexOf(who)
const proposal = (who) => 9200 + ROLES.indexOf(who)
const PAGES = [
  ['/', [['price_add', '.services a[href="/price"]'], ['price_import', '.services a[href="/sheet"]'], ['proposal_add', '.services a[href="/propose"]']]],
  ['/catalogue/109', [['price_add', 'a[href="/catalogue/109/price"]'], ['evaluation_add', '.acts a[href="/catalogue/109/rate"]'], ['proposal_add', 'a[href="/catalogue/109/correct"]'], ['proposal_add', 'a[href="/catalogue/109/delist"]'],
    ...ROLES.map((who) => ['evaluation_add', `a[href="/catalogue/109/rate?replaces=${rating(who)}"]`, who])]],
  ['/catalogue/101', [['confirmation_add', '.note button']]],
  ['/records', [['price_import', 'a[href="/sheet"]']]],
  ['/records/evaluations', ROLES.flatMap((who) => [['evaluation_add', `a[aria-label="更正 PJ-${who}"]`, who], ['evaluation_void', `button[aria-label="作废 PJ-${who}"]`, who]])],
  ['price', [['price_add', 'a[href*="replaces="]'], ['price_void', 'button.danger']]],
  ...ROLES.map((who) => [`/proposals/${proposal(who)}`, [['proposal_answer', '#answer', who], ['proposal_withdraw', '.acts button:has-text("撤回")', who]]]),
  ['/sync', [['sync_carry', '.stick-task'], ['refusal_handled', '.refusal .acts button:not(.danger)'], ['sync_aside_leave', '.asides .acts button'], ['price_void', '.refusal:has(a[href*="/price?"]) button.danger'],
    ...ROLES.flatMap((who) => [['evaluation_add', `.refusal a[href="/catalogue/109/rate?replaces=${rating(who)}"]`, who], ['evaluation_void', `.refusal:has(a[href$="replaces=${rating(who)}"]) button.danger`, who]])]],
  ['/accounts', [['account_add', '.acts button.main']]],
]

/** A rating and a proposal of each, and what the province says of both. */
function records(S) {
  const e = S.evaluations[0]
  S.evaluations = ROLES.map((who) => ({ ...e, id: rating(who), no: `PJ-${who}`, actor: who, product: 109 }))
  const p = S.proposals.find((x) => x.state === 'asked')
  S.proposals = ROLES.map((who) => ({ ...p, id: proposal(who), no: `TY-${who}`, actor: who }))
  const r = S.refused.find((x) => x.subject_table === 'entry')
  S.refused.push(...ROLES.map((who) => ({ ...r, id: rating(who), title: `PJ-${who}`, subject_table: 'evaluation', subject_id: rating(who), product: 109, actor: who })))
}

for (const role of ROLES) {
  await story(`what_the_interface_lets_${role}_do_is_offered_and_nothing_else`, 'node', async (page, stand, url) => {
    stand.state.account = { name: role, role, must_change: false }
    records(stand.state)
    const wrong = []
    for (const [path, acts] of PAGES) {
      await page.goto(url + (path === 'price' ? `/records/prices/${stand.state.prices[0].id}` : path))
      await page.waitForSelector('h1')
      await page.waitForLoadState('networkidle')
      for (const [operation, selector, who] of acts) {
        const offered = await page.locator(selector).count() > 0
        if (offered !== lets(operation, role, who === role || !who)) wrong.push(`${path}: ${operation}${who ? ` of ${who}'s` : ''} is ${offered ? '' : 'not '}offered to ${role}`)
      }
    }
    assert.deepEqual(wrong, [])
  })
}

await end()
