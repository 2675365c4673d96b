// A suite without a test framework, for runtimes that are not Node and for versions of Node that a framework does not know:
// plain functions with asserts, by part. Prints a line a case; the exit code says whether all passed, and that the process
// ends by itself is part of it.
//
//   node test/runtimes/run.mjs [part...]
import process from 'node:process'

import { info } from 'offloop'

const parts = ['kernels', 'tasks', 'pool', 'processes', 'flow', 'sync', 'channels', 'threads', 'actors', 'spmd']
const asked = process.argv.slice(2)
const runtime = globalThis.Bun
  ? `Bun ${globalThis.Bun.version}`
  : globalThis.Deno
    ? `Deno ${globalThis.Deno.version.deno}`
    : `Node ${process.versions.node}`
const { backend, cpu, memory } = info()
console.log(`# ${runtime}: backend ${backend}, ${cpu}, memory ${memory}`)

/** Only a hang reaches it. */
const limit = Number(process.env.OFFLOOP_RUNTIMES_LIMIT ?? 60_000)

let failed = 0
for (const part of asked.length > 0 ? asked : parts) {
  const { default: cases } = await import(`./${part}.mjs`)
  for (const [name, run] of Object.entries(cases)) {
    let timer
    const hang = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error('it hangs')), limit)
    })
    try {
      await Promise.race([run(), hang])
      console.log(`ok ${part}: ${name}`)
    } catch (error) {
      failed++
      console.log(`FAILED ${part}: ${name}: ${error?.stack ?? error}`)
    } finally {
      clearTimeout(timer)
    }
  }
}
console.log(`# ${failed} failed`)
// What hangs would keep it alive.
if (failed > 0) process.exit(1)
