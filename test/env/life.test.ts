import { describe, expect, it } from 'vitest'

import { expectEnd, limitMs, rounds, runFixture } from './child.ts'

const steps = ['loaded', 'started', 'queued', 'running', 'completing', 'cancelled', 'burst']

/** Ways to end, with the exit code that is right. The fixture checks the exit codes of its workers itself. */
const ends: readonly (readonly [end: string, code: number])[] = [
  ['exit 0', 0],
  ['exit 3', 3],
  ['natural', 0],
  ['throws', 1],
  ['rejects', 1],
  ['workers terminated, exiting, throwing, rejecting and ending by themselves', 0],
  ['main exits over workers', 4],
  ['both at once', 0],
]

/** Rounds of ends that are workers' go into one process, up to this many. */
const most = 10

describe.each(steps)('with offloop %s', (step) => {
  it.concurrent.each(ends)(
    '%s: the process ends with code %i',
    { timeout: limitMs + rounds * 20_000 },
    async (end, code) => {
      const each = end.startsWith('workers') ? most : 1
      // Each case begins elsewhere, so that one round has jobs of every kind, and ends at many moments.
      const first = steps.indexOf(step) + ends.findIndex(([name]) => name === end)
      const starts = Array.from({ length: Math.ceil(rounds / each) }, (_, i) => i * each)
      await Promise.all(starts.map((i) => check(step, end, code, first + i, Math.min(each, rounds - i))))
    },
  )
})

async function check(step: string, end: string, code: number, seed: number, count: number): Promise<void> {
  const ended = await runFixture('life.cjs', [step, end, String(seed), String(count)])
  expectEnd(ended, code)
  expect(ended.stdout).toContain('reached')
}
