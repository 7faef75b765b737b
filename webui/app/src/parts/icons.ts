// icons.ts - our own drawings by name: those of the frame come with it, the others when one of them is first asked for.
import { shallowReactive } from 'vue'
import frame from '../style/icons-frame.svg?raw'

export const icons = shallowReactive<Record<string, string>>({})
function take(sprite: string): void {
  for (const m of sprite.matchAll(/<symbol id="([\w-]+)"[^>]*>(.*?)<\/symbol>/g)) icons[m[1]!] = m[2]!
}
take(frame)

let asked: Promise<void> | null = null
export function drawing(name: string): string | undefined {
  if (!(name in icons)) asked ??= import('../style/icons-more.svg?raw').then((more) => take(more.default), () => { asked = null })
  return icons[name]
}
