import { describe, expect, it } from 'vitest'

import { expectEnd, limitMs, runFixture, sanitized } from './child.ts'

const cases = [
  'after info()',
  'with a Pool that was never used',
  'with a Pool open after its tasks',
  'with a settled task that had a timeout',
  'with a settled task that had a signal',
  'with a settled task that reports progress',
  'after a cancelled task',
  'after terminate()',
  'once a task that nobody waits for is done',
]

describe.each(sanitized ? ['native'] : ['native', 'worker', 'inline'])(
  'a process ends by itself, backend %s',
  (backend) => {
    it.concurrent.each(cases)('%s', { timeout: limitMs }, async (name) => {
      const ended = await runFixture('alive.cjs', [name, backend])
      expectEnd(ended, 0)
      expect(ended.stdout).toContain('over')
      if (name.startsWith('once')) expect(ended.stdout).toContain('done')
    })
  },
)
