// ruling.en.ts - the words of what the province said of a record, in English.
import type zh from './ruling.zh'

const en: typeof zh = { title: 'What the province said', reason: 'Reason: ', basis: 'What it is made of', settled: 'corrected or taken back since' }

export default en
