// The build: one application, hashed names, no inline script or style (the programs serve it under a strict CSP), and the
// service worker, which is told every file of this build and the digest of its page.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig, transformWithEsbuild, type Plugin } from 'vite'
import vue from '@vitejs/plugin-vue'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

function worker(): Plugin {
  let out = ''
  return {
    name: 'sunlit-worker',
    apply: 'build',
    configResolved(config) { out = config.build.outDir },
    async closeBundle() {
      const page = sha256(readFileSync(join(out, 'index.html'), 'utf8'))
      const files = [...readdirSync(join(out, 'assets')).map((f) => `/assets/${f}`), '/manifest.webmanifest', ...readdirSync('public').filter((f) => /^icon.*\.png$/.test(f)).map((f) => `/${f}`)].sort()
      const shell = JSON.stringify({ build: sha256(page + files.join()).slice(0, 16), page, files })
      const { code } = await transformWithEsbuild(readFileSync('src/worker.ts', 'utf8'), 'worker.ts', { target: 'chrome87', minify: true, define: { SHELL: 'SHELL' } })
      writeFileSync(join(out, 'sw.js'), `const SHELL=${shell};${code.replace(/export\s*\{\s*\};?/, '')}`)
    },
  }
}

// What every page needs, in one file: small files each cost a request, and compress worse.
const FRAME = /node_modules|plugin-vue|vite\/|src\/(api\/(client|reach)|main|outbox|shell\/(App|Bar|title|chip)|parts\/(Dots|Icon|Mark|Note|icons|states)|words\/(index|refusal|speak)|format|held|keep|load|names|settings|site|stake)\b/

// What shows a product in a list, on either face.
const DIAL = /src\/(season|parts\/(RingSmall|SeasonTag|ProductRow)|words\/goods\.ts|style\/(tag|row|dial)\.css)/

// The small sheets of pages that one opens from others: one file, for each name in the list of pages' files is incompressible.
const INNER = /style\/(audit|branches|diff|dialog|editor|log|me|pend|record-list|review|stars|stick|trail|window|withheld)\.css/

// Every first page carries the names of all pages' files: short ones, and of the scripts that a page imports only those of
// the pages one comes in by. Those are asked for at once; the others' are fetched while the first page is read (later.ts).
const NAME = 'assets/[hash:7]'
const FIRST = /\/(Home|Board|Catalogue|Login)\./
const named = (chunk: { name: string }): string => (FIRST.test(`/${chunk.name}.`) ? `assets/${chunk.name}.[hash:7].js` : NAME + '.js')

export default defineConfig({
  base: '/',
  plugins: [vue(), worker()],
  // chrome87 has it; what it gets wrong before 91, spread arguments after it, is not used here
  esbuild: { supported: { 'optional-chain': true } },
  define: { __VUE_OPTIONS_API__: 'false', __VUE_PROD_DEVTOOLS__: 'false' },
  build: {
    target: 'chrome87',
    cssTarget: 'chrome87',
    assetsInlineLimit: 0,          // a data: address would need a hole in the CSP
    modulePreload: { polyfill: false, resolveDependencies: (file, scripts) => (FIRST.test(file) ? scripts : []) },
    minify: 'terser',              // a twentieth less than esbuild's, for the phones on slow lines
    terserOptions: { ecma: 2020, module: true, compress: { passes: 3, unsafe_arrows: true }, format: { comments: false } },
    rollupOptions: { output: { entryFileNames: NAME + '.js', chunkFileNames: named, assetFileNames: NAME + '[extname]', manualChunks: (id) => (FRAME.test(id) ? 'frame' : DIAL.test(id) ? 'dial' : INNER.test(id) ? 'inner' : undefined) } },
    reportCompressedSize: true,
  },
  server: {
    port: 20200,
    proxy: { '/api': { target: process.env.SUNLIT_API ?? 'http://127.0.0.1:20201' } },
  },
})
