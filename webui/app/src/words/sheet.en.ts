// sheet.en.ts - the words of importing a sheet, in English.
import type zh from './sheet.zh'

const en: typeof zh = { title: 'Import a price sheet', step1: 'Take the template', step1Why: 'It lists the catalogue’s products and your suppliers.', template: 'Download the template', step2: 'Choose the filled sheet', step2Why: 'XLSX or CSV, 2 MB at most', choose: 'Choose a file', chosen: (n, s) => `${n}, ${s}`, step3: 'Check and import', act: 'Check and save at the branch', rule: 'If one row is wrong, nothing is saved; mend it and come again.', bad: (n) => `Not saved yet: ${n} to mend`, row: 'Row', column: 'Column', why: 'Why', withErrors: 'Download the sheet with the faults marked', done: (n) => `${n} prices are at the branch`, doneWhy: 'They go to the province by themselves when the line is there.', tooBig: 'The file is larger than 2 MB', see: 'See these prices', noFile: 'No file chosen yet' }

export default en
