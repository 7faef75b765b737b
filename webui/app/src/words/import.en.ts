// import.en.ts - the words of importing a catalogue, in English.
import type zh from './import.zh'

const en: typeof zh = { title: 'Import the catalogue', rule: 'If one row is wrong, nothing is taken; every fault is named.', step: 'Choose a CSV file', stepWhy: 'Columns as in the seed: name_zh, name_pinyin, name_en, group, subgroup, origin_prefecture, origin_county, gb2260, season_start_month, season_end_month, storage, storage_note_zh, unit, geo_indication. UTF-8 or GB18030.', act: 'Check and import', done: (n, a, c) => `${n} products: ${a} added, ${c} changed`, doneWhy: 'Branches get it at their next contact.' }

export default en
