// tabs.ts - what the tabs of this browser tell one another.
import { keep } from './keep'

export type News =
  | { of: 'outbox' }                                                     // it has changed
  | { of: 'session' }                                                    // somebody logged in or out
  | { of: 'saved'; account: string; key: string; fields: string }        // a draft with this key became a record

const channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel('sunlit') : null

export function tell(news: News): void {
  if (channel) channel.postMessage(news)
  else keep('news', { news, at: Date.now(), n: Math.random() })          // older Safari: a write is heard by the others
}

const ears = new Set<(news: News) => void>()
/** Gives back how to stop listening. */
export function hear(ear: (news: News) => void): () => void {
  ears.add(ear)
  return () => { ears.delete(ear) }
}
const spread = (news: News): void => { for (const ear of ears) ear(news) }

if (channel) channel.onmessage = (e) => spread(e.data as News)
else globalThis.addEventListener?.('storage', (e) => { if (e.key === 'sunlit.news' && e.newValue) spread((JSON.parse(e.newValue) as { news: News }).news) })
