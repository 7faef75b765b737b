// stories.mjs - all stories of the pages in a browser, two files at a time; prints what failed.  A story that failed is
// played once more when nothing else runs: a browser waits for a busy machine, and a fault stays one.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const files = ['behaviour-records', 'away', 'kept', 'left', 'handed', 'reloaded', 'pressed', 'behaviour-desk', 'behaviour', 'behaviour-lists', 'looks', 'marks', 'mine', 'propose', 'stale', 'needs', 'acts', 'ratings', 'rights', 'suppliers', 'unheard', 'weight']
const FILE_MS = 10 * 60_000                  // none takes half of it on a busy machine: one that waits for what never comes is a fault
const again = []
let failed = 0

function play(name, ...only) {
  return new Promise((done) => {
    const run = spawn(process.execPath, [fileURLToPath(new URL(`${name}.mjs`, import.meta.url)), ...only])
    const late = setTimeout(() => run.kill('SIGKILL'), FILE_MS)
    let said = ''
    for (const from of [run.stdout, run.stderr]) from.on('data', (some) => { said += some })
    run.on('close', (code) => { clearTimeout(late); done({ ok: code === 0, said }) })
  })
}

async function worker() {
  for (let name = files.shift(); name; name = files.shift()) {
    const began = Date.now()
    const { ok, said } = await play(name)
    const stories = [...said.matchAll(/^FAIL (\w+):/gm)].map((m) => m[1])
    console.log(`${ok ? 'ok  ' : 'FAIL'} ${name} ${Math.round((Date.now() - began) / 1000)} s${ok ? '' : `\n${said}`}`)
    if (ok) continue
    again.push(...(stories.length > 0 ? stories.map((story) => [name, story]) : [[name]]))      // one that came to no end is played whole
  }
}
await Promise.all([worker(), worker()])
for (const [name, ...story] of again) {
  const { ok, said } = await play(name, ...story)
  console.log(`${ok ? 'ok  ' : 'FAIL'} ${name} ${story.join()}, played again alone${ok ? '' : `\n${said}`}`)
  if (!ok) failed++
}
process.exit(failed ? 1 : 0)
