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

export default defineConfig({
  base: '/',
  plugins: [vue(), worker()],
  define: { __VUE_OPTIONS_API__: 'false', __VUE_PROD_DEVTOOLS__: 'false' },
  build: {
    target: 'chrome87',
    cssTarget: 'chrome87',
    assetsInlineLimit: 0,          // a data: address would need a hole in the CSP
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  server: {
    port: 20200,
    proxy: { '/api': { target: process.env.SUNLIT_API ?? 'http://127.0.0.1:20201' } },
  },
})
