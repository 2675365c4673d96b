import { readFileSync } from 'node:fs'
import * as path from 'node:path'
import { describe, expect, it } from 'vitest'

import { expectEnd, limitMs, runFixture, sanitized } from './child.ts'

/** Sanitizers need memory of their own. */
const onLinux = it.skipIf(sanitized || process.platform !== 'linux')

const source = readFileSync(path.join(import.meta.dirname, 'fixtures', 'peak.cjs'), 'utf8')
const cases = [...source.matchAll(/^ {2}'?([^':\n]+)'?: \(\) => \[/gm)].map((match) => match[1])

describe('what a call needs at most', { timeout: limitMs }, () => {
  it('is told of all that is in the fixture', () => expect(cases.length).toBeGreaterThan(12))

  onLinux.each(cases)('%s: no more than twice its inputs and outputs', async (name) => {
    const ended = await runFixture('peak.cjs', [name], { execArgv: ['--expose-gc'] })
    expectEnd(ended, 0)
    const { input, output, extra } = JSON.parse(ended.stdout) as { input: number; output: number; extra: number }
    // What threads have for themselves, and what the heap grows by, is a few megabytes whatever the size.
    expect(input + extra).toBeLessThan(2 * (input + output) + 12e6)
  })
})
