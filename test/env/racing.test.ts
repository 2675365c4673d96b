import { describe, expect, it } from 'vitest'

import { references } from '../../src/reference/registry.ts'
import { expectEnd, limitMs, rounds, runFixture, sanitized } from './child.ts'

const kernels = Object.keys(references)

const lanes: readonly { name: string; backend: string; env: Record<string, string> }[] = [
  { name: 'native, the best CPU level', backend: 'native', env: {} },
  { name: 'native, AVX2', backend: 'native', env: { OFFLOOP_CPU: 'avx2' } },
  { name: 'native, baseline', backend: 'native', env: { OFFLOOP_CPU: 'baseline' } },
  { name: 'worker', backend: 'worker', env: {} },
  { name: 'inline', backend: 'inline', env: {} },
]

describe('while another thread rewrites the arrays of its calls', () => {
  const run = sanitized ? lanes.filter(({ backend }) => backend === 'native') : lanes
  it.concurrent.each(run)('every kernel ends, $name', { timeout: limitMs }, async ({ backend, env }) => {
    const ended = await runFixture('racing.cjs', [backend, String(rounds)], { env })
    expectEnd(ended, 0)
    const counts = JSON.parse(ended.stdout) as Record<string, number>
    for (const kernel of kernels) expect(counts[kernel], kernel).toBeGreaterThan(0)
  })
})
