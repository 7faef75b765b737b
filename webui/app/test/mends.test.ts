// What a reviewer types is sent as the form it came from sends it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mended, mendFault, mendsOf } from '../src/hub/mends'

test('a_code_is_mended_as_it_is_typed_and_sent_as_it_is_checked', () => {
  const typed = ' 9133 0127-ma2cfqje4m '
  assert.equal(mended('uscc', typed), '91330127MA2CFQJE4M')
  assert.deepEqual(mendFault('uscc', typed), mendFault('uscc', mended('uscc', typed)))
  assert.deepEqual(mendsOf({ uscc: typed }, { uscc: '91330127MA2CFQJE4M' }), {})
})
