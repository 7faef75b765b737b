// upload.ts - a file to the node or the hub.
//
// A line is slow more often than it is cut: 2 MB take four minutes at 64 kbit/s.  So the page waits as long as bytes move,
// shows how many have, and lets a person stop; it gives up when nothing has moved for a minute.  That the last byte was
// handed over says nothing of where it is (a browser's machine may hold all of a small file), so the answer is waited for
// as long as all of it may take at that pace.
import { address, answer, heard, Refused, speaker, unheard, type Query } from './client'
import { everyRule } from '../words/refusal'
import { during } from '../stake'

const STILL_MS = 60_000
const SLOW = 8_000                   // bytes a second

/** How far a file has come; `whole`: all of it has left the page. */
export interface Moved { sent: number; of: number; whole: boolean }
export interface Sending { query?: Query; moved?: (m: Moved) => void; stop?: AbortSignal; as?: string }

/** A person stopped it.  Before the whole file was sent nothing was taken of it. */
export class Stopped extends Error {
  constructor(readonly whole: boolean) { super('stopped') }
}

/** What a chosen file holds now; a browser refuses to read one that was written since it was chosen. */
export async function bytesOf(file: File): Promise<ArrayBuffer> {
  try { return await file.arrayBuffer() } catch {
    await everyRule()
    throw new Refused(0, [{ rule: 'file_changed', field: '', text: 'the file was changed after it was chosen' }])
  }
}

// fetch tells nothing of what it has sent.
function carry(to: string, headers: Record<string, string>, body: ArrayBuffer, { moved, stop }: Sending): Promise<Response> {
  const of = body.byteLength
  return new Promise((come, fail) => {
    const x = new XMLHttpRequest()
    let whole = false
    let timer: ReturnType<typeof setTimeout>
    const wait = (ms: number): void => { clearTimeout(timer); timer = setTimeout(() => x.abort(), ms) }
    const end = (): void => { clearTimeout(timer); stop?.removeEventListener('abort', halt) }
    const halt = (): void => x.abort()
    x.open('POST', to)
    for (const [name, value] of Object.entries(headers)) x.setRequestHeader(name, value)
    x.responseType = 'arraybuffer'
    x.upload.onprogress = (e) => { wait(STILL_MS); moved?.({ sent: e.loaded, of, whole }) }
    x.upload.onload = () => { whole = true; wait(STILL_MS + of / SLOW * 1000); moved?.({ sent: of, of, whole }) }
    x.onprogress = () => wait(STILL_MS)
    x.onload = () => { end(); come(new Response(x.status === 204 ? null : x.response as ArrayBuffer, { status: x.status })) }
    x.onerror = x.onabort = () => { end(); fail(stop?.aborted ? new Stopped(whole) : unheard()) }
    stop?.addEventListener('abort', halt)
    wait(STILL_MS)
    moved?.({ sent: 0, of, whole })
    x.send(body)
  })
}

/** A file as it is: the server reads sheets, no form parser is involved. */
export const upload = <T>(path: string, file: File, key: string, how: Sending = {}): Promise<T> => during(() => uploaded<T>(path, file, key, how))
async function uploaded<T>(path: string, file: File, key: string, how: Sending): Promise<T> {
  const by = speaker(how.as)
  const body = await bytesOf(file)
  const type = /\.csv$/i.test(file.name) ? 'text/csv' : 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
  const to = address(path, how.query)
  return answer<T>(await heard(await carry(to, { 'Content-Type': type, 'X-Sunlit': '1', 'Idempotency-Key': key, ...by.headers(to) }, body, how), by))
}
