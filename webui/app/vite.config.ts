// The build: one application, hashed names, no inline script or style (the programs serve it under a strict CSP).
import { defineConfig } from 'vite'
import vue from '@vitejs/plugin-vue'

export default defineConfig({
  base: '/',
  plugins: [vue()],
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
