import { describe, expect, it } from 'vitest'

import { expectEnd, rounds, runFixture, slowness } from './child.ts'

const steps = ['loaded', 'started', 'queued', 'running', 'completing', 'cancelled', 'burst']

/** Ways to end, with the exit code that is right. The fixture checks the exit codes of its workers itself. */
const ends: readonly (readonly [end: string, code: number])[] = [
  ['exit 0', 0],
  ['exit 3', 3],
  ['natural', 0],
  ['throws', 1],
  ['rejects', 1],
  ['worker terminated', 0],
  ['worker exits', 0],
  ['worker throws', 0],
  ['worker rejects', 0],
  ['worker ends', 0],
  ['main exits over workers', 4],
  ['both at once', 0],
]

/** Rounds of ends that are a worker's go into one process, up to this many. */
const most = 10

describe.each(steps)('with offloop %s', (step) => {
  it.concurrent.each(ends)(
    '%s: the process ends with code %i',
    { timeout: 60_000 + rounds * 5_000 * slowness },
    async (end, code) => {
      const each = end.startsWith('worker') ? most : 1
      const starts = Array.from({ length: Math.ceil(rounds / each) }, (_, i) => i * each)
      await Promise.all(starts.map((seed) => check(step, end, code, seed, Math.min(each, rounds - seed))))
    },
  )
})

async function check(step: string, end: string, code: number, seed: number, count: number): Promise<void> {
  const ended = await runFixture('life.cjs', [step, end, String(seed), String(count)])
  expectEnd(ended, code)
  expect(ended.stdout).toContain('reached')
}
