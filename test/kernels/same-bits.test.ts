import * as path from 'node:path'

import { info } from 'offloop'
import { beforeAll, describe, expect, it } from 'vitest'

import { jsonFrom, root, runNode } from '../helpers/child.ts'

interface Digest {
  /** By kernel, over the bits of many results. */
  readonly digests: Readonly<Record<string, string>>
  /** The kernels that promise the same bits on every backend and CPU level. */
  readonly everywhere: readonly string[]
  readonly cpu: string
  readonly threads: number
  readonly backends: readonly string[]
  readonly usedThreads: number
}

const levels = ['baseline', 'avx2', 'avx512'] as const
/** All of them on the level that the CPU has, an even and an odd share on the others. */
const threads = [1, 2, 3, 8] as const
const fewThreads = [1, 3] as const

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
function digest(backend: string, env: Record<string, string>): Promise<Digest> {
  const key = JSON.stringify([backend, env])
  let found = known.get(key)
  if (found === undefined) known.set(key, (found = freshDigest(backend, env)))
  return found
}

async function freshDigest(backend: string, env: Record<string, string>): Promise<Digest> {
  const script = path.join(root, 'test', 'helpers', 'digest.mjs')
  const { code, stdout, stderr } = await runNode([script], { ...env, DIGEST_BACKEND: backend })
  expect(stderr).toBe('')
  expect(code).toBe(0)
  const said = JSON.parse(stdout) as Digest
  expect(said.backends).toEqual([backend])
  return said
}

/** The digests that must be the same everywhere. */
function promised({ digests, everywhere }: Digest) {
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
    for (const count of levels.indexOf(level) === best ? threads : fewThreads) {
      const other = await digest('native', { OFFLOOP_CPU: level, OFFLOOP_THREADS: String(count) })
      expect(other.threads).toBe(count)
      expect(other.cpu).toBe(first.cpu)
      expect(other.digests, `${count} threads`).toEqual(first.digests)
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
    const first = await digest('native', { OFFLOOP_CPU: 'avx2', OFFLOOP_THREADS: '1' })
    const other = await digest('worker', { OFFLOOP_THREADS: String(count) })
    expect(other.usedThreads).toBeLessThanOrEqual(count)
    expect(promised(other)).toEqual(promised(first))
    const one = await digest('worker', { OFFLOOP_THREADS: '1' })
    expect(other.digests).toEqual(one.digests)
  })

  it('come from plain JavaScript on the calling thread', async () => {
    const first = await digest('native', { OFFLOOP_CPU: 'avx2', OFFLOOP_THREADS: '1' })
    const other = await digest('inline', {})
    expect(other.usedThreads).toBe(0)
    expect(promised(other)).toEqual(promised(first))
  })

  it('come out of five runs', async () => {
    const first = await digest('native', { OFFLOOP_THREADS: '3' })
    for (let run = 0; run < 5; run++) {
      const again = await freshDigest('native', { OFFLOOP_THREADS: '3' })
      expect(again.digests).toEqual(first.digests)
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
    if (best > 0) expect(avx2.digests.matmul).not.toBe(baseline.digests.matmul)
    expect(info().binary).toBeDefined()
  })
})
