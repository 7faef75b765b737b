// trust.ts - whether this browser keeps the pages for when nothing answers.  It does so only for a site whose
// certificate it knows.
import { reactive } from 'vue'

export const trust = reactive<{ state: 'unknown' | 'held' | 'refused' | 'none' }>({ state: 'unknown' })
