// node embed-pages.mjs DIST OUT: every file of DIST, compressed, as OUT/assets.c (the table of webui/pages.h) and
// OUT/assets.S (the bytes).  Only what node itself has: no package of npm is needed.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import { gzip } from './gzip.mjs'

const [dist, out] = process.argv.slice(2)
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
}

const files = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((e) =>
    e.isDirectory() ? files(join(folder, e.name)) : [join(folder, e.name)])

// Kept only where it saves something: a picture is compressed already.
const smaller = (bytes, raw) => (bytes.length < raw.length * 0.95 ? bytes : null)
const brotli = (raw) =>
  smaller(brotliCompressSync(raw, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }), raw)

const data = join(out, 'data')
rmSync(data, { recursive: true, force: true })
mkdirSync(data, { recursive: true })

const rows = []
const symbols = []
const assembly = ['.section .rodata']

function embed(symbol, bytes) {
  const path = join(data, symbol)
  writeFileSync(path, bytes)
  symbols.push(symbol)
  assembly.push('.balign 16', `.global ${symbol}`, `${symbol}:`, `.incbin "${path}"`, '.byte 0')
}

files(dist).sort().forEach((file, i) => {
  const raw = readFileSync(file)
  const path = '/' + relative(dist, file).split(sep).join('/')
  const type = types[extname(file)]
  if (!type) throw new Error(`${path}: no content type is known for ${extname(file)}`)
  const tag = createHash('sha256').update(raw).digest('hex').slice(0, 16)
  const fields = [`.path = "${path}"`, `.type = "${type}"`, `.tag = "${tag}"`]
  if (path.startsWith('/assets/')) fields.push('.immutable = true') // vite put a digest in its name
  for (const [name, bytes] of [['raw', raw], ['gzip', smaller(gzip(raw), raw)], ['br', brotli(raw)]]) {
    if (!bytes) continue
    embed(`pages_${i}_${name}`, bytes)
    fields.push(`.${name} = pages_${i}_${name}`, `.${name}_size = ${bytes.length}`)
  }
  rows.push(`    {${fields.join(', ')}},`)
})
if (!rows.some((row) => row.includes('"/index.html"'))) throw new Error(`${dist} has no index.html`)

assembly.push('.section .note.GNU-stack,"",%progbits', '')
writeFileSync(join(out, 'assets.S'), assembly.join('\n'))
writeFileSync(join(out, 'assets.c'), `#include "webui/pages.h"

extern const unsigned char ${symbols.map((s) => `${s}[]`).join(', ')};
const struct web_asset pages_assets[] = {
${rows.join('\n')}
};
const size_t pages_asset_count = sizeof pages_assets / sizeof *pages_assets;
`)
