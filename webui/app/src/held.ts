// held.ts - the one sentence, on every page, for records that do not go by themselves.
import { held } from './site'
import { w } from './words'

export const heldWords = (): string => (held.value === 'revoked' ? w.held.revoked : w.held.other)
