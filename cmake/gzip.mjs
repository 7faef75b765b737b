// gzip.mjs - bytes as gzip, as small as this machine can: zopfli (Debian: zopfli) takes a twentieth less than the highest
// level of zlib and seconds for all pages.  Without it the pages are right, and a little larger.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

let missing = false
function zopfli(raw) {
  const folder = mkdtempSync(join(tmpdir(), 'sunlit-gzip-'))
  try {
    writeFileSync(join(folder, 'raw'), raw)
    return execFileSync('zopfli', ['-c', join(folder, 'raw')], { maxBuffer: 64 << 20 })
  } catch (e) {
    if (e.code !== 'ENOENT') throw e
    missing = true
    return null
  } finally {
    rmSync(folder, { recursive: true })
  }
}

export const gzip = (raw) => (missing ? null : zopfli(raw)) ?? gzipSync(raw, { level: 9 })
