import * as path from 'node:path'

import { expect, it } from 'vitest'

import { runNode } from '../helpers/child.ts'

// Sizes are modest unless OFFLOOP_STRESS is `full`, which takes minutes and prints its figures.

const full = process.env.OFFLOOP_STRESS === 'full'
const script = path.join(import.meta.dirname, 'fixtures', 'stress.mjs')

/** Without looks every 100 ms nothing goes on again after a wake-up that was lost. */
const withoutLooks = { OFFLOOP_TEST_LOOK_MS: 'Infinity' }

async function stress(what: string, size: number, env: Record<string, string> = {}): Promise<void> {
  const seed = Math.floor(Math.random() * 2 ** 32)
  const { code, stdout, stderr } = await runNode([script, what, String(size), String(seed)], env, undefined, 1_200_000)
  const how = `node test/sync/fixtures/stress.mjs ${what} ${size} ${seed}\n${stderr}`
  expect(code, how).toBe(0)
  const { figures, wrong } = JSON.parse(stdout) as { figures: object; wrong: string[] }
  expect(wrong, how).toEqual([])
  if (full) console.log(JSON.stringify(figures))
}

const timeout = 1_300_000

it.each([
  ['lock', 100_000, 10_000_000],
  ['fair', 1500, 100_000],
  ['barrier', 1000, 100_000],
  ['mix', 800, 50_000],
  ['condition', 400, 20_000],
  ['broken', 800, 50_000],
])('many threads at once: %s', (what, modest, most) => stress(what, full ? most : modest), timeout)

it.each([
  ['lock', 50_000, 1_000_000],
  ['fair', 500, 50_000],
  ['barrier', 500, 50_000],
  ['mix', 400, 50_000],
  ['condition', 200, 20_000],
  ['broken', 400, 50_000],
])('no wake-up is lost: %s', (what, modest, most) => stress(what, full ? most : modest, withoutLooks), timeout)

it('threads that end with what they hold', () => stress('terminate', full ? 300 : 6), timeout)
