// Each page brings the style it uses: a class that a sheet of src/style defines is used only where that sheet is imported.
// And what is written can be read: a line is no longer than a screen is wide.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { test } from 'node:test'

const WITH_THE_FRAME = ['tokens.css', 'base.css', 'frame.css']      // main.ts imports them

const sheets = readdirSync('src/style').filter((f) => f.endsWith('.css'))
/** The classes a sheet's selectors begin with. */
function classes(sheet: string): Set<string> {
  const text = readFileSync(`src/style/${sheet}`, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '').replace(/@media[^{]*\{/g, '')
  const found = new Set<string>()
  for (const rule of text.split('}')) for (const selector of rule.split('{')[0]!.split(',')) {
    const first = /^\s*(?::root\S*\s+)*[a-z]*\.([\w-]+)/.exec(selector)
    if (first) found.add(first[1]!)
  }
  return found
}
const sources = (folder: string): string[] => readdirSync(folder).flatMap((f) => {
  const path = `${folder}/${f}`
  return statSync(path).isDirectory() ? sources(path) : path.endsWith('.vue') ? [path] : []
})

test('each_page_imports_the_sheets_whose_classes_it_uses', () => {
  const framed = new Set(WITH_THE_FRAME.flatMap((s) => [...classes(s)]))
  const owners = new Map<string, string[]>()
  for (const sheet of sheets.filter((s) => !WITH_THE_FRAME.includes(s))) {
    for (const c of classes(sheet)) if (!framed.has(c)) owners.set(c, [...(owners.get(c) ?? []), sheet])
  }
  assert.ok(owners.size > 80, `only ${owners.size} classes were found`)
  const missing: string[] = []
  for (const path of sources('src')) {
    const text = readFileSync(path, 'utf8')
    const used = new Set([...text.matchAll(/\bclass="([^"]*)"/g)].flatMap((m) => m[1]!.match(/[A-Za-z][\w-]*/g) ?? []))
    for (const c of used) {
      const of = owners.get(c)
      if (of && !of.some((sheet) => text.includes(`/style/${sheet}'`))) missing.push(`${path}: .${c} of ${of.join(' or ')}`)
    }
  }
  assert.deepEqual(missing, [])
})

// On a phone they stay at the lower edge, where the menu is on every other page.
test('a_page_whose_acts_stay_at_the_thumb_has_no_menu_under_them', () => {
  const under: string[] = []
  for (const face of ['node', 'hub']) {
    for (const route of readFileSync(`src/${face}/face.ts`, 'utf8').split(/(?=path: ')/).slice(1)) {
      const page = /import\('(\.\.?\/[\w/]+\.vue)'\)/.exec(route)
      if (page && /class="acts stick/.test(readFileSync(`src/${face}/${page[1]}`, 'utf8')) && !route.includes('acts: true')) under.push(route.split('\n')[0]!)
    }
  }
  assert.deepEqual(under, [])
})

const LINE_MOST = 160

test('no_line_of_the_pages_is_longer_than_a_screen', () => {
  const long = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((f) => /\.(vue|ts|css)$/.test(f)).flatMap((f) =>
    readFileSync(`src/${f}`, 'utf8').split('\n').flatMap((line, i) => ([...line].length > LINE_MOST ? [`${f}:${i + 1} has ${[...line].length}`] : [])))
  assert.deepEqual(long, [])
})

// v-model sets a select again when its own template is drawn again: options that a component brings later would leave
// the first of them shown while another value is sent.
test('a_select_holds_its_options_itself', () => {
  const lent = sources('src').filter((path) => [...readFileSync(path, 'utf8').matchAll(/<select\b[\s\S]*?<\/select>/g)].some((m) => /<[A-Z]|<slot/.test(m[0])))
  assert.deepEqual(lent, [])
})
