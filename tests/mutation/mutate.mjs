#!/usr/bin/env node
// mutate.mjs: does a test notice when one operator or one constant is another?
//
//   node tests/mutation/mutate.mjs [--sample N | --each N] [--seed S] [FILE | FILE:LINE ...]
//
// In a copy of the tree under build/mutation one place at a time is changed ('<' to '<=', '&&' to '||', 0 to 1, true to
// false, '!x' to 'x'), and the tests that run this line are run, those named like the file first, the quick before the slow,
// until one fails or hangs: the change was noticed.  What no test noticed is listed with its line, and so is a line that no
// test runs.  N places of each file are tried, or N of all (200), picked by the seed; without FILE those of targets.txt, with
// FILE:LINE those of a line, such as one that a run has listed.
//
// Not counted are changes that make the same machine code, and those that stand with their reason in equivalent.txt.  Left
// out are places that decide nothing: declarations, rows of figures, asserts, what is logged and when, the numbers in a message, zeroed
// memory, failed allocations.
//
// The copy is built once, with shared libraries: one change is one compilation and one link, no test is linked again.  What
// has been found is kept in build/mutation/found.tsv; a run that was stopped goes on, and another sample adds to it.  Files
// are found out anew when they change, and changes nobody noticed when anything does.
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { appendFileSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, utimesSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative, resolve } from 'node:path'

const here = import.meta.dirname ?? dirname(new URL(import.meta.url).pathname)
const root = join(here, '..', '..')
const place = join(root, 'build', 'mutation')
const tree = join(place, 'tree')
const out = join(place, 'out')
const scratch = mkdtempSync(join(tmpdir(), 'mutation-')) // short, as the sockets in it want it
const foundFile = join(place, 'found.tsv')
const SLOW_SECONDS = 120 // a test that takes longer is not asked
const HANG_SECONDS = 20 // at least; and four times what the test takes
const MUCH = 1 << 29

// ---- what is asked ----

function usage() {
  console.error('usage: mutate.mjs [--sample N | --each N] [--seed S] [FILE | FILE:LINE ...]')
  process.exit(2)
}

function options(words) {
  const o = { sample: 200, each: 0, seed: 1, files: [] }
  for (let i = 0; i < words.length; i++) {
    if (words[i] === '--sample') o.sample = Number(words[++i])
    else if (words[i] === '--each') o.each = Number(words[++i])
    else if (words[i] === '--seed') o.seed = Number(words[++i])
    else if (words[i].startsWith('--')) usage()
    else o.files.push(words[i])
  }
  if (!(o.sample > 0) || !(o.each >= 0) || !Number.isInteger(o.seed)) usage()
  return o
}

const lines = (file) => readFileSync(join(here, file), 'utf8').split('\n').filter((l) => l && !l.startsWith('#'))

// Each line of targets.txt: a file or a folder, then the tests that look at it: folders of them, or one.
function targets() {
  const list = []
  for (const line of lines('targets.txt')) {
    const [area, ...asks] = line.split(/\s+/)
    const files = area.endsWith('.c') ? [area] : readdirSync(join(root, area)).filter((f) => f.endsWith('.c')).map((f) => `${area}/${f}`)
    for (const file of files) list.push({ area, file, asks: asks.map((f) => `tests/${f}`) })
  }
  return list
}

// ---- places ----

// The same text with everything blanked that decides nothing: what is left stands at the same offsets.
function code(text) {
  const blank = (s) => s.replace(/[^\n]/g, ' ')
  let seen = text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|^[ \t]*#(?:\\\n|[^\n])*/gm, blank)
  for (const m of seen.matchAll(/\b(if|assert|static_assert|_Static_assert|log_[a-z]+|err_set|err_rule|refuse|conclude|sizeof|memset) *\(/g)) {
    let depth = 1
    let end = m.index + m[0].length
    while (end < seen.length && depth > 0) {
      if (seen[end] === '(') depth++
      if (seen[end] === ')') depth--
      end++
    }
    if (m[1] === 'if' && !/^\s*log_/.test(seen.slice(end))) continue // whether something is logged
    seen = seen.slice(0, m.index) + blank(seen.slice(m.index, end)) + seen.slice(end)
  }
  return seen.replace(/= \{0\}/g, blank)
}

const rules = [
  [/ == /g, () => ' != '],
  [/ != /g, () => ' == '],
  [/ < /g, () => ' <= '],
  [/ <= /g, () => ' < '],
  [/ > /g, () => ' >= '],
  [/ >= /g, () => ' > '],
  [/ && /g, () => ' || '],
  [/ && *(?=\n)/g, () => ' ||'],
  [/ \|\| /g, () => ' && '],
  [/ \|\| *(?=\n)/g, () => ' &&'],
  [/ \+ /g, () => ' - '],
  [/ - /g, () => ' + '],
  [/ \+= /g, () => ' -= '],
  [/\btrue\b/g, () => 'false'],
  [/\bfalse\b/g, () => 'true'],
  [/(?<=[ (])!(?=[a-z(*])/g, () => ''],
  [/(?<=[ ([{,])\d+(?=[ ;,)\]}])/g, (n) => String(Number(n) === 1 ? 0 : Number(n) + 1)],
]

function places(target) {
  const text = readFileSync(join(tree, target.file), 'utf8')
  const all = text.split('\n')
  const seen = code(text)
  const sha = createHash('sha256').update(text).digest('hex').slice(0, 16)
  const found = []
  for (const [pattern, to] of rules) {
    const nth = new Map()
    for (const m of seen.matchAll(pattern)) {
      const line = seen.slice(0, m.index).split('\n').length
      const words = all[line - 1].trim()
      const change = `${m[0].trim()} > ${to(m[0]).trim()}`
      const n = (nth.get(line + change) ?? 0) + 1
      nth.set(line + change, n)
      if (/^(enum|static const|extern|#)|^[\s{},.;\d-]+$|out of memory|\.bad\b/.test(words) || /out of memory/.test(all[line] ?? '')) continue
      found.push({ ...target, at: m.index, from: m[0], to: to(m[0]), line, words, change: n > 1 ? `${change} #${n}` : change, sha })
    }
  }
  return found
}

// The order of places under a seed: each has its own number, so that one more or fewer moves no other.
function pick(list, chosen) {
  const number = (m) => createHash('sha256').update(`${chosen.seed} ${m.file} ${m.words} ${m.change}`).digest('hex')
  const shuffled = (some) => some.map((m) => [number(m), m]).sort((a, b) => (a[0] < b[0] ? -1 : 1)).map(([, m]) => m)
  const wanted = (t) => places(t).filter((m) => chosen.files.length === 0 || named(t, m.line))
  if (chosen.each === 0) return shuffled(list.flatMap(wanted)).slice(0, chosen.sample)
  return list.flatMap((t) => shuffled(wanted(t)).slice(0, chosen.each))
}

// ---- the copy ----

function run(program, words, more = {}) {
  const done = spawnSync(program, words, { encoding: 'utf8', maxBuffer: MUCH, ...more })
  if (done.status !== 0) {
    console.error(`${program}: ${done.stdout}${done.stderr}`.slice(-3000))
    process.exit(1)
  }
  return done.stdout
}

// Shared libraries instead of static ones, and those with target files count which lines are run.
function rewritten(name, text, counted) {
  if (name === 'cmake/flags.cmake') return text.replace('-fPIE', '-fPIC').replace(',-z,noexecstack -pie', ',-z,noexecstack')
  if (basename(name) !== 'CMakeLists.txt' || name.startsWith('tests/')) return text
  const shared = text.replace(/add_library\((\w+) STATIC/g, 'add_library($1 SHARED')
  const library = /add_library\((\w+) SHARED/.exec(shared)?.[1]
  if (!library || !counted.has(dirname(name))) return shared
  return `${shared}\ntarget_compile_options(${library} PRIVATE --coverage)\ntarget_link_options(${library} PRIVATE --coverage)\n`
}

// Brings the copy up to date and answers digests: of it, and of it without the tests.
function copy(counted) {
  const all = createHash('sha256')
  const product = createHash('sha256')
  const names = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8', maxBuffer: MUCH }).split('\n')
  const kept = new Set()
  for (const name of names.filter((n) => n && existsSync(join(root, n)) && !/^(docs\/pictures|webui\/app|tests\/(mutation|e2e))\//.test(n))) {
    const from = join(root, name)
    const to = join(tree, name)
    let bytes = readFileSync(from)
    if (/\.(txt|cmake)$/.test(name)) bytes = Buffer.from(rewritten(name, bytes.toString(), counted))
    all.update(name).update(bytes)
    if (!/^(tests|docs)\//.test(name)) product.update(name).update(bytes)
    kept.add(name)
    if (existsSync(to) && readFileSync(to).equals(bytes)) continue
    mkdirSync(dirname(to), { recursive: true })
    writeFileSync(to, bytes, { mode: statSync(from).mode })
  }
  for (const name of readdirSync(tree, { recursive: true }))
    if (!kept.has(name) && statSync(join(tree, name)).isFile()) rmSync(join(tree, name))
  return { digest: all.digest('hex').slice(0, 16), product: product.digest('hex') }
}

// The quick tests that ctest knows, by the folder whose list names them.
function quickTests() {
  const known = JSON.parse(run('ctest', ['--show-only=json-v1'], { cwd: out }))
  const graph = known.backtraceGraph
  const folder = (index) => {
    for (let node = graph.nodes[index]; node; node = graph.nodes[node.parent]) {
      const of = relative(tree, dirname(graph.files[node.file]))
      if (of !== 'tests' && of.startsWith('tests/')) return of
    }
    return ''
  }
  const property = (t, name) => t.properties?.find((p) => p.name === name)?.value
  return known.tests
    .filter((t) => property(t, 'LABELS')?.includes('quick'))
    .map((t) => ({ name: t.name, folder: folder(t.backtrace), command: t.command, cwd: property(t, 'WORKING_DIRECTORY') ?? out }))
}

const looksAt = (test, asks) => asks.includes(test.folder) || asks.includes(`${test.folder}/${test.name}`)

function prepare(list) {
  mkdirSync(tree, { recursive: true })
  const { digest, product } = copy(new Set(list.map((t) => dirname(t.file))))
  const wanted = (t) => list.some((of) => looksAt(t, of.asks))
  run('cmake', ['-S', tree, '-B', out, '-G', 'Ninja', '-DCMAKE_BUILD_TYPE=Debug', '-DCMAKE_C_FLAGS=-g0', '-DCMAKE_EXPORT_COMPILE_COMMANDS=ON', '-DSUNLIT_PAGES=OFF'])
  run('ninja', ['-C', out, ...quickTests().filter(wanted).map((t) => `${t.folder}/${t.name}`)])
  return { digest, product, tests: quickTests().filter(wanted) }
}

// ---- which test runs which line ----

// Runs one test; false when it failed, or took too long.
function passes(test, seconds, counting) {
  const env = { ...process.env, TMPDIR: scratch, CMOCKA_TEST_ABORT: '1', MALLOC_PERTURB_: '165' }
  if (!counting) env.GCOV_PREFIX = join(scratch, 'counts')
  const words = ['-c', 'ulimit -c 0 -f 4000000; exec timeout -s KILL "$@"', 'sh', String(seconds), ...test.command]
  return spawnSync('bash', words, { cwd: test.cwd, env, stdio: 'ignore' }).status === 0
}

function counters() {
  return readdirSync(out, { recursive: true }).filter((f) => f.endsWith('.gcda')).map((f) => join(out, f))
}

// Of what a test is made: while it is the same, it runs the same lines.
function stampOf(test, product) {
  const all = createHash('sha256').update(product).update(test.command.join(' '))
  for (const word of test.command.filter((w) => w.startsWith(out))) all.update(readFileSync(word))
  return all.digest('hex').slice(0, 16)
}

// { stamps: {test: stamp}, seconds: {test: s}, lines: {file: {line: [test, ...]}}, functions: {file: [[first, last], ...]} }
function cover(product, tests) {
  const kept = join(place, 'lines.json')
  const all = existsSync(kept) ? JSON.parse(readFileSync(kept, 'utf8')) : { stamps: {}, seconds: {}, lines: {}, functions: {} }
  for (const test of tests) {
    const stamp = stampOf(test, product)
    if (all.stamps[test.name] === stamp) continue
    all.stamps[test.name] = stamp
    delete all.seconds[test.name]
    for (const of of Object.values(all.lines)) for (const l of Object.keys(of)) of[l] = of[l].filter((name) => name !== test.name)
    for (const f of counters()) rmSync(f)
    const begun = Date.now()
    if (!passes(test, SLOW_SECONDS, true)) {
      console.log(`${test.name} is not asked: unchanged, it fails or takes more than ${SLOW_SECONDS} s`)
      continue
    }
    all.seconds[test.name] = (Date.now() - begun) / 1000
    const files = counters()
    const said = files.length ? run('gcov', ['--json-format', '--stdout', ...files], { cwd: out }) : ''
    for (const report of said.split('\n').filter((l) => l.startsWith('{')))
      for (const file of JSON.parse(report).files) {
        const name = relative(tree, resolve(out, file.file))
        if (name.startsWith('..')) continue
        all.functions[name] = file.functions.map((f) => [f.start_line, f.end_line])
        const of = (all.lines[name] ??= {})
        for (const l of file.lines) {
          const those = (of[l.line_number] ??= [])
          if (l.count > 0 && !those.includes(test.name)) those.push(test.name)
        }
      }
    writeFileSync(kept, JSON.stringify(all))
  }
  return all
}

// The tests that run a place, in the order they are asked.
function asked(m, tests, covered) {
  const of = covered.lines[m.file] ?? {}
  const inside = covered.functions[m.file]?.find(([first, last]) => first <= m.line && m.line <= last)
  let names = new Set(inside ? [] : Object.values(of).flat()) // a table outside of functions: all that run the file
  for (let l = m.line; inside && l >= inside[0]; l--)
    if (of[l]) {
      names = new Set(of[l])
      break
    }
  const stem = basename(m.file, '.c')
  const parts = stem.split('_')
  const near = (name) => (name.startsWith(`${stem}_`) ? 0 : parts.some((p) => p.length > 3 && name.includes(p)) ? 1 : 2)
  return tests
    .filter((t) => looksAt(t, m.asks) && names.has(t.name))
    .sort((a, b) => near(a.name) - near(b.name) || covered.seconds[a.name] - covered.seconds[b.name])
}

// ---- one change ----

const commands = new Map()
function commandsOf(file) {
  if (!commands.has('')) commands.set('', JSON.parse(readFileSync(join(out, 'compile_commands.json'), 'utf8')))
  if (!commands.has(file)) {
    const entry = commands.get('').find((c) => c.file === join(tree, file))
    const object = / -o (\S+)/.exec(entry.command)[1]
    const library = `${dirname(file)}/lib${/CMakeFiles\/(\w+)\.dir/.exec(object)[1]}.so`
    const link = run('ninja', ['-C', out, '-t', 'commands', '-s', library]).trim().split('\n').pop()
    const compile = entry.command.replace(/^\S*ccache /, '').replace(/ --coverage\b/g, '').replace(/ -(Werror|g)\b/g, '').replace(/ -MD.*?(?= -o )/, '')
    commands.set(file, { compile: `${compile} -w -ftrivial-auto-var-init=pattern`, object, library, link })
  }
  return commands.get(file)
}

const shell = (line) => spawnSync('sh', ['-c', line], { cwd: out, stdio: 'ignore' }).status === 0

function optimised(c) {
  const to = join(scratch, 'optimised.o')
  return shell(`${c.compile.replace(` -o ${c.object}`, ` -o ${to}`)} -O2`) ? readFileSync(to) : null
}

// Runs work on the changed file, giving it a way to undo the change; everything is as before when it returns.
function changed(m, work) {
  const c = commandsOf(m.file)
  const file = join(tree, m.file)
  const text = readFileSync(file, 'utf8')
  const was = statSync(file)
  const keep = [c.object, c.library].map((f) => join(out, f))
  for (const f of keep) copyFileSync(f, `${f}.kept`)
  const times = keep.map((f) => statSync(f))
  writeFileSync(file, text.slice(0, m.at) + m.to + text.slice(m.at + m.from.length))
  try {
    return work(c, () => writeFileSync(file, text))
  } finally {
    writeFileSync(file, text)
    utimesSync(file, was.atime, was.mtime)
    keep.forEach((f, i) => {
      renameSync(`${f}.kept`, f)
      utimesSync(f, times[i].atime, times[i].mtime)
    })
  }
}

// 'noticed by TEST', 'hangs TEST', 'not noticed', 'not run', 'does not compile' or 'same code'.
function attempt(m, those, covered) {
  return changed(m, (c, back) => {
    if (!shell(c.compile) || !shell(c.link)) return 'does not compile'
    for (const test of those) {
      const limit = Math.max(HANG_SECONDS, Math.ceil(4 * covered.seconds[test.name]))
      const begun = Date.now()
      if (!passes(test, limit, false)) return Date.now() - begun >= limit * 1000 ? `hangs ${test.name}` : `noticed by ${test.name}`
    }
    const after = optimised(c)
    back()
    const before = optimised(c)
    if (before && after && before.equals(after)) return 'same code'
    return those.length ? 'not noticed' : 'not run'
  })
}

// ---- what was found ----

const key = (m) => `${m.file}:${m.sha}:${m.at}:${m.to.trim()}`

function earlier(digest) {
  const found = new Map()
  if (existsSync(foundFile))
    for (const line of readFileSync(foundFile, 'utf8').split('\n').filter(Boolean)) {
      const [which, tree_digest, how] = line.split('\t')
      if (!how.startsWith('not ') || tree_digest === digest) found.set(which, how)
      else found.delete(which)
    }
  return found
}

const chosen = options(process.argv.slice(2))
const named = (t, line) => [t.file, t.area, `${t.file}:${line}`].some((name) => chosen.files.includes(name))
const list = targets().filter((t) => chosen.files.length === 0 || named(t) || chosen.files.some((f) => f.startsWith(`${t.file}:`)))
if (list.length === 0) usage()
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))
const { digest, product, tests } = prepare(targets())
const covered = cover(product, tests)
const asking = tests.filter((t) => t.name in covered.seconds)
const known = new Set(lines('equivalent.txt').map((l) => l.split('\t').slice(0, 3).join('\t')))
const picked = pick(list, chosen)
const found = earlier(digest)
console.log(`${list.flatMap(places).length} places in ${list.length} files, ${picked.length} tried (seed ${chosen.seed})`)
const areas = new Map()
for (const m of picked) {
  if (!areas.has(m.area)) areas.set(m.area, { tried: 0, noticed: 0, survived: 0, excused: 0, skipped: 0 })
  const area = areas.get(m.area)
  let how = found.get(key(m))
  const excuse = known.has(`${m.file}\t${m.words}\t${m.change}`)
  if (!how && !excuse) {
    how = attempt(m, asked(m, asking, covered), covered)
    appendFileSync(foundFile, `${key(m)}\t${digest}\t${how}\n`)
    rmSync(scratch, { recursive: true, force: true })
    mkdirSync(scratch)
  }
  if (how === 'same code' || (excuse && !/^(noticed|hangs)/.test(how ?? ''))) area.excused++
  else if (how === 'does not compile') area.skipped++
  else {
    area.tried++
    if (how.startsWith('not ')) area.survived++
    else area.noticed++
    if (how.startsWith('not ')) console.log(`${how.toUpperCase()} ${m.file}:${m.line}: ${m.change}: ${m.words}`)
  }
}
const share = (a) => (a.tried ? ((100 * a.noticed) / a.tried).toFixed(1) : '-')
let all = { tried: 0, noticed: 0 }
for (const [name, a] of areas) {
  console.log(`${name}: ${a.noticed} of ${a.tried} noticed (${share(a)} %), ${a.survived} not; ${a.excused} cannot be, ${a.skipped} do not compile`)
  all = { tried: all.tried + a.tried, noticed: all.noticed + a.noticed }
}
console.log(`all: ${all.noticed} of ${all.tried} noticed (${share(all)} %)`)
process.exit(all.tried && all.noticed / all.tried < 0.9 ? 1 : 0)
