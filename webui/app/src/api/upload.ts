// upload.ts - a file to the node or the hub.
import { address, answer, Refused, send, type Query } from './client'
import { everyRule } from '../words/refusal'

/** What a chosen file holds now; a browser refuses to read one that was written since it was chosen. */
export async function bytesOf(file: File): Promise<ArrayBuffer> {
  try { return await file.arrayBuffer() } catch { await everyRule(); throw new Refused(0, [{ rule: 'file_changed', field: '', text: 'the file was changed after it was chosen' }]) }
}

/** A file as it is: the server reads sheets, no form parser is involved. */
export async function upload<T>(path: string, file: File, key: string, query?: Query): Promise<T> {
  const body = await bytesOf(file)
  const type = /\.csv$/i.test(file.name) ? 'text/csv' : 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
  const response = await send(address(path, query), { method: 'POST', headers: { 'Content-Type': type, 'X-Sunlit': '1', 'Idempotency-Key': key }, body }, 60_000)
  return answer<T>(response)
}
