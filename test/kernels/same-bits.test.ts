import * as path from 'node:path'

import { info } from 'offloop'
import { beforeAll, describe, expect, it } from 'vitest'

import { jsonFrom, root, runNode } from '../helpers/child.ts'

interface Digest {
  /** By kernel, over the bits of many results; as many times as were asked for. */
  readonly rounds: readonly Readonly<Record<string, string>>[]
  /** The kernels that promise the same bits on every backend and CPU level. */
  readonly everywhere: readonly string[]
  readonly cpu: string
  readonly threads: number
  readonly backends: readonly string[]
  readonly usedThreads: number
}

const levels = ['baseline', 'avx2', 'avx512'] as const
/** Numbers of threads: all of them on the best level, which a user is most likely to have. */
const threads = { best: [2, 3, 8], others: [3] } as const
/** Of the inputs: more than two of the longest pieces that go in one block; what plain JavaScript does has one more. */
const lengths = { native: 270_001, portable: 140_001 }

// Which levels there are is asked of a process that nobody told anything.
let best = 0

beforeAll(async () => {
  const { cpu } = await jsonFrom<{ cpu: string }>(`
    import { info } from 'offloop'
    console.log(JSON.stringify(info()))`)
  best = levels.indexOf(cpu as (typeof levels)[number])
})

/** One process for each configuration, asked once. */
const known = new Map<string, Promise<Digest>>()
function digest(backend: string, env: Record<string, string>, length = lengths.native): Promise<Digest> {
  const key = JSON.stringify([backend, env, length])
  let found = known.get(key)
  if (found === undefined) known.set(key, (found = freshDigest(backend, env, length)))
  return found
}

async function freshDigest(backend: string, env: Record<string, string>, length: number): Promise<Digest> {
  const script = path.join(root, 'test', 'helpers', 'digest.mjs')
  const asked = { DIGEST_BACKEND: backend, DIGEST_LENGTH: String(length) }
  const { code, stdout, stderr } = await runNode([script], { ...env, ...asked })
  expect(stderr).toBe('')
  expect(code).toBe(0)
  const said = JSON.parse(stdout) as Digest
  expect(said.backends).toEqual([backend])
  return said
}

/** The digests that must be the same everywhere. */
function promised({ rounds: [digests], everywhere }: Digest) {
  expect(everywhere).toEqual(expect.arrayContaining(['sum', 'sort']))
  expect(Object.keys(digests)).toEqual(expect.arrayContaining([...everywhere]))
  return Object.fromEntries(everywhere.map((name) => [name, digests[name]]))
}

describe('the same bits', () => {
  // A CPU without a level runs the best it has, and says so; nothing is skipped.
  it.each(levels)('come from the %s level with any number of threads', async (level) => {
    const first = await digest('native', { OFFLOOP_CPU: level, OFFLOOP_THREADS: '1' })
    expect(first.cpu).toBe(levels[Math.min(levels.indexOf(level), best)])
    expect(first.usedThreads).toBe(1)
    for (const count of first.cpu === levels[best] ? threads.best : threads.others) {
      const other = await digest('native', { OFFLOOP_CPU: level, OFFLOOP_THREADS: String(count) })
      expect(other.threads).toBe(count)
      expect(other.cpu).toBe(first.cpu)
      expect(other.rounds, `${count} threads`).toEqual(first.rounds)
    }
  })

  it('come from every level', async () => {
    const first = await digest('native', { OFFLOOP_CPU: 'baseline', OFFLOOP_THREADS: '1' })
    for (const level of levels) {
      const other = await digest('native', { OFFLOOP_CPU: level, OFFLOOP_THREADS: '1' })
      expect(promised(other), level).toEqual(promised(first))
    }
  })

  it.each([1, 8])('come from %i workers', async (count) => {
    const first = await digest('native', { OFFLOOP_CPU: 'avx2', OFFLOOP_THREADS: '1' }, lengths.portable)
    const other = await digest('worker', { OFFLOOP_THREADS: String(count) }, lengths.portable)
    expect(other.usedThreads).toBeLessThanOrEqual(count)
    expect(promised(other)).toEqual(promised(first))
    const one = await digest('worker', { OFFLOOP_THREADS: '1' }, lengths.portable)
    expect(other.rounds).toEqual(one.rounds)
  })

  it('come from plain JavaScript on the calling thread', async () => {
    const first = await digest('native', { OFFLOOP_CPU: 'avx2', OFFLOOP_THREADS: '1' }, lengths.portable)
    const other = await digest('inline', {}, lengths.portable)
    expect(other.usedThreads).toBe(0)
    expect(promised(other)).toEqual(promised(first))
  })

  it('come out of ten runs, five in one process', async () => {
    const [first] = (await digest('native', { OFFLOOP_CPU: levels[best], OFFLOOP_THREADS: '3' })).rounds
    for (let run = 0; run < 2; run++) {
      const { rounds } = await freshDigest('native', { OFFLOOP_THREADS: '3', DIGEST_ROUNDS: '5' }, lengths.native)
      expect(rounds).toEqual(Array(5).fill(first))
    }
  })

  it('are those of a level that really was in force', async () => {
    for (const level of levels) {
      const said = await jsonFrom<{ cpu: string; reasons: string[] }>(
        `import { info } from 'offloop'; console.log(JSON.stringify(info()))`,
        { OFFLOOP_CPU: level },
      )
      expect(said.cpu).toBe(levels[Math.min(levels.indexOf(level), best)])
      expect(said.reasons.join()).toContain(`OFFLOOP_CPU asks for '${level}'`)
    }
    // Fused multiply-add shows in the bits of a product: levels differ where they should.
    const baseline = await digest('native', { OFFLOOP_CPU: 'baseline', OFFLOOP_THREADS: '1' })
    const avx2 = await digest('native', { OFFLOOP_CPU: 'avx2', OFFLOOP_THREADS: '1' })
    if (best > 0) expect(avx2.rounds[0].matmul).not.toBe(baseline.rounds[0].matmul)
    expect(info().binary).toBeDefined()
  })
})
