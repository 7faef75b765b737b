// states.ts - the shape of each state; the word is in the dictionary, the colour in the stylesheet.
import type { State } from '../api/shapes'

export const stateIcon: Record<State, string> = { attention: 'alert', offline: 'cut', unknown: 'what', pending: 'up', syncing: 'sync', synced: 'ok' }
