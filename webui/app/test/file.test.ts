// file.test.ts - a link to a file says whose page it stands on.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'

test('no_link_leads_to_the_programs_without_the_account_of_its_page', () => {
  const pages = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.vue'))
  const links = pages.flatMap((f) => [...readFileSync(`src/${f}`, 'utf8').matchAll(/\bhref="([^"]*\b(?:address|fileAt)\(|[^"]*\/api\/)/g)].map(([, to]) => `${f}: ${to}`))
  assert.ok(links.length >= 12, `only ${links.length} links were found`)
  assert.deepEqual(links.filter((l) => !l.endsWith(': fileAt(')), [])
})
