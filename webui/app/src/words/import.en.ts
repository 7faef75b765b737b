// import.en.ts - the words of importing a catalogue, in English.
import type zh from './import.zh'
import { many } from './many'

const en: typeof zh = { title: 'Import the catalogue', rule: 'If one row is wrong, nothing is taken; every fault is named.', templateWhy: 'It has the headings, the words to choose from, an example and the codes of places. Pinyin left empty is filled in.', stepWhy: 'XLSX or CSV, with the template’s headings or the seed’s', act: 'Check and import', done: (n, a, c) => `${n} ${many(n, 'product', 'products')}: ${a} added, ${c} changed`, doneWhy: 'Branches get it at their next contact.' }

export default en
