// pouchdb.mjs ROWS FOLDER BATCH - PouchDB on LevelDB pushes the rows to express-pouchdb on LevelDB, over HTTP on loopback.
//
// Two processes.  The clock runs over replicate.to() alone, checkpoint included; filling the source is not timed.  A document
// is {_id, row: [values]}: no names of columns, revision 1.  BATCH is 100 by PouchDB's default; 1000 is
// what suits it here.  LevelDB is not asked to flush, which is how PouchDB uses it: after a power cut some of what was acknowledged may be gone.
// Prints: SECONDS BYTES-UP BYTES-DOWN
import { fork } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import PouchDB from 'pouchdb'

const [rowsPath, folder, batch, serves] = process.argv.slice(2)

async function serve() {
  const { default: express } = await import('express')
  const { default: pouchRoutes } = await import('express-pouchdb')
  const sockets = []
  const stored = PouchDB.defaults({ prefix: join(folder, 'hub') + '/' })
  const app = express()
  app.use('/', pouchRoutes(stored, { mode: 'minimumForPouchDB', inMemoryConfig: true, logPath: join(folder, 'hub.log') }))
  const server = createServer(app)
  server.on('connection', (socket) => sockets.push(socket))
  process.on('message', () => {
    const sum = (name) => sockets.reduce((n, socket) => n + socket[name], 0)
    process.send({ up: sum('bytesRead'), down: sum('bytesWritten') })
  })
  server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
}

async function push() {
  const rows = readFileSync(rowsPath, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line))
  for (const name of ['node', 'hub']) mkdirSync(join(folder, name), { recursive: true })
  const child = fork(fileURLToPath(import.meta.url), [rowsPath, folder, batch, 'serve'], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const said = () => new Promise((resolve) => child.once('message', resolve))
  const { port } = await said()
  const local = new PouchDB(join(folder, 'node/prices'))
  const remote = new PouchDB(`http://127.0.0.1:${port}/prices`)
  await remote.info()
  for (let at = 0; at < rows.length; at += 1000)
    await local.bulkDocs(rows.slice(at, at + 1000).map((row) => ({ _id: row[2], row })))
  const begun = process.hrtime.bigint()
  const result = await local.replicate.to(remote, { batch_size: Number(batch) })
  const seconds = Number(process.hrtime.bigint() - begun) / 1e9
  child.send('count')
  const { up, down } = await said()
  const { doc_count: count } = await remote.info()
  child.kill()
  if (!result.ok || count !== rows.length) throw new Error(`express-pouchdb has ${count} of ${rows.length} rows`)
  console.log(seconds, up, down)
  process.exit(0)
}

await (serves ? serve() : push())
