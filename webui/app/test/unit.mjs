// Builds every test/*.test.ts with the esbuild that Vite brings and runs them with node's own test runner.
import { build } from 'esbuild'
import { readdirSync, mkdirSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const out = fileURLToPath(new URL('../node_modules/.cache/unit/', import.meta.url))
mkdirSync(out, { recursive: true })
const tests = readdirSync(here).filter((f) => f.endsWith('.test.ts'))
await build({
  entryPoints: tests.map((f) => here + f), outdir: out, outExtension: { '.js': '.mjs' },
  bundle: true, platform: 'node', format: 'esm', packages: 'external', logLevel: 'warning',
})
const run = spawnSync(process.execPath, ['--test', '--test-reporter=dot', ...tests.map((f) => out + f.replace(/\.ts$/, '.mjs'))], { stdio: 'inherit', env: { ...process.env, TZ: 'America/New_York' } })
process.exit(run.status ?? 1)
