import * as path from 'node:path'

import { describe, expect, it } from 'vitest'

import { jsonFrom, runNode } from '../helpers/child.ts'

// Many tasks: what they leave behind, and whether each of them settles as it should.

/** Prints kilobytes of heap, here and in the worker, after each of several rounds of tasks. */
const measured = (submit: string, perRound: number, rounds: number) => `
  import { setFlagsFromString } from 'node:v8'
  import { runInNewContext } from 'node:vm'
  import { Pool } from 'offloop'
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc')
  const pool = new Pool({ workers: 1 })
  const heapOfWorker = () => {
    require('node:v8').setFlagsFromString('--expose-gc')
    require('node:vm').runInNewContext('gc')()
    return process.memoryUsage().heapUsed
  }
  const submit = ${submit}
  const heaps = []
  for (let round = 0; round < ${rounds}; round++) {
    let left = ${perRound}
    await new Promise((resolve, reject) => {
      const done = () => { if (--left === 0) resolve() }
      for (let i = 0; i < ${perRound}; i++) submit(i).then(done, reject)
    })
    const there = await pool.submit(heapOfWorker)
    await new Promise((resolve) => setImmediate(resolve))
    gc()
    heaps.push([process.memoryUsage().heapUsed / 1024, there / 1024])
  }
  console.log(JSON.stringify(heaps))`

/** After the first rounds, in which tables and code have grown to their size, nothing grows with the tasks. */
function expectFlat(heaps: [number, number][], tasks: number): void {
  for (const side of [0, 1]) {
    const grown = heaps[heaps.length - 1][side] - heaps[1][side]
    expect(grown * 1024).toBeLessThan(2 * 2 ** 20 + tasks)
  }
}

describe('memory', () => {
  it('is given back by tasks, 200,000 of which are queued at once', async () => {
    const heaps = await jsonFrom<[number, number][]>(
      measured('(() => { const nothing = () => {}; return () => pool.submit(nothing) })()', 200_000, 5),
    )
    expectFlat(heaps, 200_000)
  })

  it('is given back by functions that are made anew for each task', async () => {
    const heaps = await jsonFrom<[number, number][]>(measured('(i) => pool.submit((x) => x + 1, i)', 20_000, 5))
    expectFlat(heaps, 20_000)
  })

  it('is given back by tasks with signals, timeouts and objects', async () => {
    const submit = `(() => {
      const { signal } = new AbortController()
      const nothing = () => ({})
      return (i) => pool.run(nothing, [{ i }], { signal, timeout: 60_000, queueTimeout: 60_000 })
    })()`
    const source = `import { setMaxListeners } from 'node:events'; setMaxListeners(0)\n${measured(submit, 10_000, 5)}`
    expectFlat(await jsonFrom<[number, number][]>(source), 10_000)
  })
})

describe('a soak', () => {
  it.each([
    ['worker', 600],
    ['process', 200],
  ] as const)('of tasks that end at random on %s settles each as it should', async (backend, rounds) => {
    const seed = Math.floor(Math.random() * 2 ** 32)
    const script = path.join(import.meta.dirname, 'fixtures', 'soak.mjs')
    const { code, stdout, stderr } = await runNode([script, String(seed), String(rounds), backend])
    const what = `node test/pool/fixtures/soak.mjs ${seed} ${rounds} ${backend}\n${stderr}`
    expect(code, what).toBe(0)
    expect(JSON.parse(stdout), what).toMatchObject({ wrong: [] })
  })
})
