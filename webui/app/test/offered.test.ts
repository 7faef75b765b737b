// offered.test.ts - what a form sends stands on the screen: a record of before is shown as it is, also off today's lists.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { test } from 'node:test'
import { withStood } from '../src/offered'

test('what_stood_is_offered_behind_todays_list_and_once', () => {
  assert.deepEqual(withStood([['kg', '公斤'], ['jin', '斤']], ['', 'jin', 'crate'], (v) => `${v}?`), [['kg', '公斤'], ['jin', '斤'], ['crate', 'crate?']])
  assert.deepEqual(withStood([], ['7'], () => '甲'), [['7', '甲']])
})

const sources = (folder: string): string[] => readdirSync(folder).flatMap((f) => {
  const path = `${folder}/${f}`
  return statSync(path).isDirectory() ? sources(path) : path.endsWith('.vue') ? [path] : []
})

/** Their lists hold all there can be: the periods of a comparison, the orders of a list, how far back. */
const OF_A_LIST = ['src/hub/Compare.vue', 'src/hub/AuditBranches.vue', 'src/hub/Suppliers.vue']

test('every_select_of_a_form_offers_what_stood_in_it', () => {
  const bare: string[] = []
  let seen = 0
  for (const path of sources('src').filter((p) => !OF_A_LIST.includes(p) && !p.endsWith('/PlaceSelect.vue'))) {
    const text = readFileSync(path, 'utf8')
    for (const [, select, inner] of text.matchAll(/<select([^>]*\bv-model[^>]*)>([\s\S]*?)<\/select>/g)) {
      seen++
      const lists = [...inner!.matchAll(/v-for="[^"]* in (\w+(?:\.\w+)*)[^"]*"/g)].map((m) => m[1]!)
      const held = lists.some((list) => new RegExp(`const ${list} = (useOffered|useSellers)\\(|const ${list} = computed\\(\\(\\) => subgroupsOf\\(`).test(text))
      if (!held) bare.push(`${path}: ${/id="([^"]*)"/.exec(select!)?.[1] ?? select} of ${lists.join(', ')}`)
    }
  }
  assert.ok(seen >= 8, `only ${seen} selects were found`)
  assert.deepEqual(bare, [])
})
