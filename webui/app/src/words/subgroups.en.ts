// subgroups.en.ts - the smaller groups of products, in English.
import type zh from './subgroups.zh'

const en: typeof zh = {}

export default en
