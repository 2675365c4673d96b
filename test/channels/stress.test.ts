import { execFile } from 'node:child_process'
import * as path from 'node:path'
import { promisify } from 'node:util'

import { describe, expect, it } from 'vitest'

import { root } from '../helpers/child.ts'

// Many messages between many threads, some of which are ended in the middle of it. OFFLOOP_STRESS_MESSAGES says how many.

const messages = Number(process.env.OFFLOOP_STRESS_MESSAGES ?? 2000)
const patience = 120_000 + messages * 4

async function run(fixture: string, size: Record<string, number>): Promise<Record<string, number>> {
  const file = path.join(root, 'test', 'channels', 'fixtures', `${fixture}.mjs`)
  const { stdout } = await promisify(execFile)(process.execPath, [file, JSON.stringify(size)], { cwd: root })
  return JSON.parse(stdout) as Record<string, number>
}

describe('a queue of 4 producers and 4 consumers, with aborts and timeouts', () => {
  const size = { messages, producers: 4, consumers: 4, kills: 0 }
  it(
    'loses nothing, doubles nothing, and keeps the order of each producer',
    async () => {
      const { received, lost, doubled, left, faults } = await run('queue-stress', { ...size, capacity: 5 })
      expect({ received, lost, doubled, left, faults }).toEqual({
        received: messages,
        lost: 0,
        doubled: 0,
        left: 0,
        faults: 0,
      })
    },
    patience,
  )

  it(
    'loses at most what an ended thread had in hand',
    async () => {
      const { lost, doubled, left, faults, killedConsumers } = await run('queue-stress', {
        ...size,
        capacity: 50,
        kills: 4,
      })
      expect({ doubled, left, faults }).toEqual({ doubled: 0, left: 0, faults: 0 })
      expect(lost).toBeLessThanOrEqual(killedConsumers)
    },
    patience,
  )
})

describe('threads that choose among channels, against each other', () => {
  const size = { channels: 3, threads: 4, messages: Math.ceil(messages / 16), kills: 0 }
  it(
    'neither stand still nor do two things',
    async () => {
      const { received, lost, doubled, invented } = await run('select-stress', { ...size, capacity: 0 })
      const all = size.threads * size.messages
      expect({ received, lost, doubled, invented }).toEqual({ received: all, lost: 0, doubled: 0, invented: 0 })
    },
    patience,
  )

  it(
    'and go on when some are ended in the middle',
    async () => {
      const { lost, doubled, invented, kills } = await run('select-stress', { ...size, capacity: 1, kills: 2 })
      expect({ doubled, invented }).toEqual({ doubled: 0, invented: 0 })
      // What was in the hands of one that was ended: what it had just received.
      expect(lost).toBeLessThanOrEqual(kills)
    },
    patience,
  )
})
