// import.ts - the words of importing a catalogue.
import { bilingual } from './speak'

export const wImport = bilingual(() => import('./import.zh'), () => import('./import.en'))

const TOLD = 20
/** The rows of a sheet by their numbers, the first of many. */
export const rowList = (rows: number[]): string =>
  rows.length > TOLD ? wImport.rowsOf(rows.slice(0, TOLD).join(wImport.comma), rows.length) : wImport.rows(rows.join(wImport.comma), rows.length)
