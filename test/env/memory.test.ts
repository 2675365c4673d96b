import { describe, expect, it } from 'vitest'

import { expectEnd, limitMs, runFixture, sanitized } from './child.ts'
import type { ChildOptions } from './child.ts'

/** Sanitizers keep freed memory on purpose, and hold address space that nobody uses. */
const unlessSanitized = it.skipIf(sanitized)
const onLinux = it.skipIf(sanitized || process.platform !== 'linux')

/** A young generation that does not grow, so that what grows is ours. */
const execArgv = ['--expose-gc', '--max-semi-space-size=1']

async function measure<R>(args: readonly (string | number)[], options: ChildOptions = {}): Promise<R> {
  const ended = await runFixture('memory.cjs', args.map(String), { execArgv, ...options })
  expectEnd(ended, 0)
  return JSON.parse(ended.stdout) as R
}

interface Usage {
  readonly rss: number
  readonly threads: number
  readonly files: number
}

describe('memory', { timeout: limitMs }, () => {
  unlessSanitized('stays where it is over a million calls, give or take 5 MB', async () => {
    const { before, after } = await measure<{ before: Usage; after: Usage }>(['calls', 10_000, 1_000_000])
    expect(after.rss).toBeLessThan(before.rss + 5)
  })

  onLinux('200 more workers that used offloop and were terminated leave nothing behind', async () => {
    const result = await measure<{ before: Usage; after: Usage; jobsQueued: number; jobsRunning: number }>([
      'workers',
      60,
      260,
    ])
    const { before, after } = result
    expect(after.threads).toBe(before.threads)
    expect(after.files).toBe(before.files)
    expect(result).toMatchObject({ jobsQueued: 0, jobsRunning: 0 })
    // Holes in the C heap come and go.
    expect(after.rss).toBeLessThan(before.rss + 20)
  })

  unlessSanitized('a result that no machine could hold is a RangeError with ERR_OFFLOOP_MEMORY', () =>
    measure(['huge']),
  )

  onLinux('working memory that fails to come is a RangeError with ERR_OFFLOOP_MEMORY, and the process goes on', () => {
    const kilobytes = 4_000_000
    return measure(['tight', kilobytes], { before: `ulimit -v ${kilobytes}` })
  })
})
