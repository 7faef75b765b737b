// revision.test.ts - whose a newer revision is, and what a form says of a press that it has been changed since.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changesOf, emptyProduct, filledOf } from '../src/pages/product-draft'
import { fateOf } from '../src/revision'

const asked = { rev: 7, body: { storage: 'chilled', geo_basis: '', seasons: [{ kind: 'open', start_md: 101, end_md: 331 }, { kind: 'closed', start_md: 501, end_md: 831 }] } }
const stands = { storage: 'chilled', geo_basis: null, unit: 'kg', seasons: [...asked.body.seasons].reverse() }

test('the_same_revision_says_that_nothing_was_done_yet', () => assert.equal(fateOf(asked, { rev: 7, fields: stands }), 'open'))
test('what_was_asked_for_and_stands_was_saved_by_the_press_before', () => assert.equal(fateOf(asked, { rev: 8, fields: stands }), 'ours'))
test('anything_else_is_somebody_elses', () => assert.equal(fateOf(asked, { rev: 8, fields: { ...stands, storage: 'live' } }), 'theirs'))

// The field of it is not shown then.
const protectedTea = { ...emptyProduct('安吉白茶'), geo_indication: true, geo_basis: 'https://x' }
test('where_an_indication_can_be_read_up_is_taken_back_with_it', () =>
  assert.deepEqual(changesOf({ ...protectedTea, geo_indication: false }, protectedTea), { geo_indication: false, geo_basis: '' }))
test('what_was_typed_of_an_indication_that_was_taken_back_is_not_proposed', () =>
  assert.deepEqual(filledOf({ ...protectedTea, geo_indication: false }), { name_zh: '安吉白茶' }))
test('a_basis_of_before_without_an_indication_is_no_change_of_whoever_touches_something_else', () => {
  const was = { ...protectedTea, geo_indication: false }
  assert.deepEqual(changesOf({ ...was, unit: 'kg' }, was), { unit: 'kg' })
})
