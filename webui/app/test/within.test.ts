// within.test.ts - no text makes a browser leave this site.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { within } from '../src/within'

const HERE = 'https://node.lan:8443'

test('a_path_of_this_site_stays_as_it_is', () => {
  for (const path of ['/', '/catalogue/109', '/records?q=%E8%9F%B9&sort=name', '/audit/7#proofs']) assert.equal(within(path, HERE), path)
})

test('what_a_browser_takes_for_another_site_is_the_first_page', () => {
  for (const path of ['//example.invalid/x', '///example.invalid', '/\\example.invalid', '\\\\example.invalid', '/..//example.invalid/x', '/./\t/example.invalid', '/\n/example.invalid/x', 'https://example.invalid/x', 'https:/x', 'javascript:alert(1)', 'data:text/html,x', 'x', '', null, undefined, ['/a', '/b'], {}, '//']) {
    const to = within(path, HERE)
    assert.equal(new URL(to, HERE).origin, HERE, String(path))
    assert.ok(to.startsWith('/') && !to.startsWith('//'), `${String(path)} gives ${to}`)
  }
})
