// icons.ts - our own drawings by name, taken from style/icons.svg when the pages are loaded.
import sprite from '../style/icons.svg?raw'

export const icons: Record<string, string> = {}
for (const m of sprite.matchAll(/<symbol id="([\w-]+)"[^>]*>(.*?)<\/symbol>/g)) icons[m[1]!] = m[2]!
