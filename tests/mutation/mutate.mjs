#!/usr/bin/env node
// mutate.mjs: does a test notice when one operator or one constant is another?
//
//   node tests/mutation/mutate.mjs [--sample N] [--seed S] [FILE...]
//
// A copy of the tree is built under build/mutation.  In it one place at a time is changed ('<' to '<=', '&&' to '||', 0 to 1,
// true to false, '!x' to 'x'), the tests that look at that file are built and run, the
// nearest first, until one fails: the change was noticed.  What no test noticed is listed with its line.  A place whose change
// cannot be noticed stands with its reason in tests/mutation/equivalent.txt and is not counted.
// N of all places are tried (200), picked by the seed; without FILE those of tests/mutation/targets.txt.
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

const here = import.meta.dirname ?? dirname(new URL(import.meta.url).pathname)
const root = join(here, '..', '..')
const place = join(root, 'build', 'mutation')
const tree = join(place, 'tree')
const out = join(place, 'out')
const TEST_SECONDS = 60

function options(words) {
  const o = { sample: 200, seed: 1, files: [] }
  for (let i = 0; i < words.length; i++) {
    if (words[i] === '--sample') o.sample = Number(words[++i])
    else if (words[i] === '--seed') o.seed = Number(words[++i])
    else if (words[i].startsWith('--')) usage()
    else o.files.push(words[i])
  }
  if (!(o.sample > 0) || !Number.isInteger(o.seed)) usage()
  return o
}

function usage() {
  console.error('usage: mutate.mjs [--sample N] [--seed S] [FILE...]')
  process.exit(2)
}

const lines = (file) => readFileSync(join(here, file), 'utf8').split('\n').filter((l) => l && !l.startsWith('#'))

// Each line of targets.txt: a file or a folder, then the folders of the tests that look at it.
function targets() {
  const list = []
  for (const line of lines('targets.txt')) {
    const [what, ...tests] = line.split(/\s+/)
    const files = what.endsWith('.c') ? [what] : readdirSync(join(root, what)).filter((f) => f.endsWith('.c')).map((f) => `${what}/${f}`)
    for (const file of files) list.push({ file, tests })
  }
  return list
}

// The same text with comments, strings and preprocessor lines blanked: what is left stands at the same offsets.
function code(text) {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|^[ \t]*#(?:\\\n|[^\n])*/gm, (m) => m.replace(/[^\n]/g, ' '))
}

const rules = [
  [/ == /g, () => ' != '],
  [/ != /g, () => ' == '],
  [/ < /g, () => ' <= '],
  [/ <= /g, () => ' < '],
  [/ > /g, () => ' >= '],
  [/ >= /g, () => ' > '],
  [/ && /g, () => ' || '],
  [/ \|\| /g, () => ' && '],
  [/ \+ /g, () => ' - '],
  [/ - /g, () => ' + '],
  [/ \+= /g, () => ' -= '],
  [/\btrue\b/g, () => 'false'],
  [/\bfalse\b/g, () => 'true'],
  [/(?<=[ (])!(?=[a-z(])/g, () => ''],
  [/(?<=[ ([{,])\d+(?=[ ;,)\]}])/g, (n) => String(Number(n) === 1 ? 0 : Number(n) + 1)],
]

function places(file) {
  const text = readFileSync(join(tree, file), 'utf8')
  const seen = code(text)
  const found = []
  for (const [pattern, to] of rules)
    for (const m of seen.matchAll(pattern)) {
      const line = seen.slice(0, m.index).split('\n').length
      const words = text.split('\n')[line - 1].trim()
      // Declarations, asserts and what follows a failed allocation are no decisions a test could ask about.
      if (/^(enum|static const|assert|#)|out of memory|\.bad\b/.test(words)) continue
      found.push({ file, at: m.index, from: m[0], to: to(m[0]), line, words })
    }
  return found
}

function random(seed) {
  let s = seed >>> 0
  return () => {
    s = (s + 0x6d2b79f5) >>> 0
    let t = Math.imul(s ^ (s >>> 15), 1 | s)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

function prepare() {
  mkdirSync(place, { recursive: true })
  rmSync(tree, { recursive: true, force: true })
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' }).split('\n')
  for (const f of files) if (f && existsSync(join(root, f))) cpSync(join(root, f), join(tree, f), { preserveTimestamps: true })
  run('cmake', ['-S', tree, '-B', out, '-G', 'Ninja', '-DCMAKE_BUILD_TYPE=Debug', '-DCMAKE_C_FLAGS=-g0', '-DSUNLIT_PAGES=OFF'])
  run('ninja', ['-C', out])
}

function run(program, words) {
  const done = spawnSync(program, words, { encoding: 'utf8' })
  if (done.status !== 0) {
    console.error(`${program}: ${done.stdout}${done.stderr}`.slice(-3000))
    process.exit(1)
  }
}

// The tests of some folders, those named like the file first.
function testsOf(file, folders) {
  const stem = basename(file, '.c')
  const parts = stem.split('_')
  const near = (test) => (test.startsWith(`${stem}_`) ? 0 : parts.some((p) => p.length > 3 && test.includes(p)) ? 1 : 2)
  return folders
    .flatMap((folder) => readdirSync(join(out, 'tests', folder)).filter((f) => f.endsWith('_test')).map((f) => ({ target: `tests/${folder}/${f}`, name: f })))
    .sort((a, b) => near(a.name) - near(b.name) || a.name.localeCompare(b.name))
}

// 'noticed by NAME', 'does not compile', or null: nobody noticed.
function attempt(m, folders) {
  const file = join(tree, m.file)
  const text = readFileSync(file, 'utf8')
  writeFileSync(file, text.slice(0, m.at) + m.to + text.slice(m.at + m.from.length))
  try {
    for (const test of testsOf(m.file, folders)) {
      if (spawnSync('ninja', ['-C', out, test.target], { encoding: 'utf8' }).status !== 0) return 'does not compile'
      const done = spawnSync(join(out, test.target), [], { cwd: dirname(join(out, test.target)), timeout: TEST_SECONDS * 1000, killSignal: 'SIGKILL', stdio: 'ignore' })
      if (done.status !== 0) return `noticed by ${test.name}`
    }
    return null
  } finally {
    writeFileSync(file, text)
  }
}

const key = (m) => `${m.file}\t${m.words}\t${m.from.trim()} > ${m.to.trim()}`

const chosen = options(process.argv.slice(2))
prepare()
const list = targets().filter((t) => chosen.files.length === 0 || chosen.files.includes(t.file))
if (list.length === 0) usage()
const known = new Map(lines('equivalent.txt').map((l) => l.split('\t')).map(([file, words, change, why]) => [`${file}\t${words}\t${change}`, why]))
const all = list.flatMap((t) => places(t.file).map((m) => ({ ...m, tests: t.tests })))
const dice = random(chosen.seed)
const picked = all.map((m) => [dice(), m]).sort((a, b) => a[0] - b[0]).slice(0, chosen.sample).map(([, m]) => m)
console.log(`${all.length} places in ${list.length} files, ${picked.length} tried (seed ${chosen.seed})`)
let noticed = 0, skipped = 0, excused = 0
const survivors = []
for (const m of picked) {
  if (known.has(key(m))) {
    excused++
    continue
  }
  const how = attempt(m, m.tests)
  if (how === 'does not compile') skipped++
  else if (how) noticed++
  else survivors.push(m)
  if (how === null) console.log(`NOT NOTICED ${m.file}:${m.line}: ${m.from.trim()} > ${m.to.trim() || '(nothing)'}: ${m.words}`)
}
const counted = noticed + survivors.length
console.log(`${noticed} of ${counted} noticed (${counted ? ((100 * noticed) / counted).toFixed(1) : '-'} %), ${skipped} do not compile, ${excused} cannot be noticed (equivalent.txt)`)
process.exit(counted && noticed / counted < 0.9 ? 1 : 0)
