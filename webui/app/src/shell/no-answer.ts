// no-answer.ts - the page while nothing has ever answered on this device: no face is known yet.
import { createApp, h } from 'vue'
import NoAnswer from './NoAnswer.vue'
import { loadSession, site } from '../site'

const AGAIN_MS = 5000

export async function firstAnswer(): Promise<void> {
  await new Promise<void>((answered) => {
    const app = createApp({ render: () => h(NoAnswer, { onAgain: () => void ask() }) })
    const timer = setInterval(() => void ask(), AGAIN_MS)
    async function ask(): Promise<void> {
      await loadSession()
      if (!site.site) return
      clearInterval(timer)
      app.unmount()
      answered()
    }
    app.mount('#app')
  })
}
