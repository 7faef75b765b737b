// hypercore.mjs ROWS FOLDER - one Hypercore, a block a row, replicated from one process to another over TCP on loopback.
//
// Both ends on RocksDB as Hypercore opens it (no flush asked for).  The clock runs in the receiving process from its dialling, the
// Noise handshake included, until it holds and has verified every block; filling the source is not timed.
// Prints: SECONDS BYTES-UP BYTES-DOWN   (up: towards the one that receives the rows)
import { fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Hypercore from 'hypercore'

const [rowsPath, folder, key, port] = process.argv.slice(2)
const rows = readFileSync(rowsPath, 'utf8').trimEnd().split('\n')

// Replication is a duplex stream; errors at the end of a run are the other side hanging up.
function carry(core, socket, initiator) {
  const stream = core.replicate(initiator)
  socket.setNoDelay(true)
  socket.on('error', () => {})
  stream.on('error', () => {})
  socket.pipe(stream).pipe(socket)
}

async function receive() {
  const core = new Hypercore(join(folder, 'hub'), Buffer.from(key, 'hex'))
  await core.ready()
  const begun = process.hrtime.bigint()
  const socket = connect(Number(port), '127.0.0.1')
  carry(core, socket, true)
  await core.download({ start: 0, end: rows.length }).done()
  const seconds = Number(process.hrtime.bigint() - begun) / 1e9
  const last = await core.get(rows.length - 1, { wait: false })
  if (last.toString() !== rows.at(-1)) throw new Error('the last block is not the last row')
  process.send({ seconds, up: socket.bytesRead, down: socket.bytesWritten })
}

async function give() {
  const core = new Hypercore(join(folder, 'node'))
  await core.ready()
  await core.append(rows.map((row) => Buffer.from(row)))
  const server = createServer((socket) => carry(core, socket, false))
  server.listen(0, '127.0.0.1', () => {
    const args = [rowsPath, folder, core.key.toString('hex'), String(server.address().port)]
    const child = fork(fileURLToPath(import.meta.url), args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
    child.once('message', ({ seconds, up, down }) => {
      console.log(seconds, up, down)
      child.kill()
      process.exit(0)
    })
    child.once('exit', (code) => process.exit(code || 1))
  })
}

await (key ? receive() : give())
