// dotted.ts - an act and what it was done to, as one heading.
import { lang } from './speak'

export const dot = (): string => (lang.value === 'en' ? ' · ' : '·')
export const dotted = (...of: (string | null | undefined)[]): string => of.filter(Boolean).join(dot())
