// settings.ts - what a person chose about this device: language, size of type, light or dark.  It belongs to the
// device, not to the account: a phone that is handed on keeps its large type.
import { reactive } from 'vue'
import { lang, speak, type Lang } from './words/speak'
import { recall, keep } from './keep'

export type TypeSize = 'standard' | 'large' | 'larger' | 'largest'
export type Theme = 'system' | 'light' | 'dark'

interface Settings {
  lang: Lang
  type: TypeSize
  theme: Theme
}

export const settings = reactive<Settings>({
  ...{ lang: lang.value, type: 'standard', theme: 'system' },
  ...recall<Partial<Settings>>('settings', {}),
})

function put(name: string, value: string | null): void {
  const root = document.documentElement
  if (value === null) root.removeAttribute(name)
  else root.setAttribute(name, value)
}

function show(): void {
  put('data-type', settings.type === 'standard' ? null : settings.type)
  put('data-theme', settings.theme === 'system' ? null : settings.theme)
}

/** Called once before anything is drawn. */
export function applySettings(): Promise<void> {
  show()
  return speak(settings.lang)
}

export async function choose(change: Partial<Settings>): Promise<void> {
  const before = settings.lang
  Object.assign(settings, change)
  keep('settings', { ...settings })
  show()
  if (before === settings.lang) return
  try {
    await speak(settings.lang)
  } catch {
    choose({ lang: before })                 // its words cannot be fetched now: the page stays as it is
  }
}

/** The one switch of the bar: standard or large; the settings page adds two more steps. */
export const largeType = (): boolean => settings.type !== 'standard'
export const switchType = (): Promise<void> => choose({ type: largeType() ? 'standard' : 'large' })
