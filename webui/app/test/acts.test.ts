// acts.test.ts - a form that serves all rows of a page has one key for all of them: an act upon a row is made by act.ts.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { test } from 'node:test'

const sources = (folder: string): string[] => readdirSync(folder).flatMap((f) => {
  const path = `${folder}/${f}`
  return statSync(path).isDirectory() ? sources(path) : /\.(vue|ts)$/.test(path) ? [path] : []
})

test('no_form_of_a_whole_page_sends_its_key_to_the_address_of_a_row', () => {
  const found = sources('src').filter((path) => {
    const text = readFileSync(path, 'utf8')
    return /use(Form|Draft)(<.*>)?\('/.test(text) && /post(<.*>)?\(`[^`]*\$\{.*, key\)/.test(text)
  })
  assert.deepEqual(found, [])
})
