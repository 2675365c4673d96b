// The bench of one kernel: the same inputs for every way to run it, at each size.
import { info } from 'offloop'

import { gapsOf } from './gap.mjs'
import { measure } from './measure.mjs'
import { importPeer, withPeers } from './peers.mjs'

/** Plain loops and the portable JavaScript get no sizes where one call would take longer than about this. */
const slowMs = 4000

/**
 * @param bench.question What the numbers answer, one line.
 * @param bench.sizes `{ name, headline, input, work, plainMs }`: `input()` makes the arguments, `work` is
 *   `{ amount, unit }` a millisecond, `plainMs` a guess for the plain loop (left out: quick).
 * @param bench.plain The loop one would write, `(...input) => result`.
 * @param bench.kernel offloop's function.
 * @param bench.agree `(plainResult, result) => boolean`.
 * @param bench.out Makes an array for results to go to, where the kernel takes one.
 * @param bench.peers With --peers: npm packages of bench/peers/package.json by name, each `(module, ...input) => run`
 *   where `run()` gives a result that `agree` takes, or a promise of one. `(…) => undefined` sits a size out.
 */
export function kernelBench({ question, sizes, plain, kernel, agree, out, peers = {} }) {
  const cases = sizes.map(({ name, headline, input, work, plainMs = 0 }) => ({
    name,
    headline: headline === true,
    async run({ budgetMs }) {
      const args = input()
      const target = out?.(...args)
      const contestants = []
      if (plainMs < slowMs) {
        contestants.push({ name: 'plain JS', sync: true, run: () => plain(...args) })
        contestants.push({ name: 'inline', run: () => kernel(...args, { backend: 'inline' }) })
        contestants.push({ name: 'worker', run: () => kernel(...args, { backend: 'worker' }) })
      }
      if (info().backend === 'native') {
        contestants.push({ name: 'native, sync', sync: true, run: () => kernel.sync(...args) })
        contestants.push({ name: 'native', run: () => kernel(...args, { backend: 'native' }) })
        if (target !== undefined) {
          contestants.push({ name: 'native, out', run: () => kernel(...args, { backend: 'native', out: target }) })
        }
      }
      const peerNotes = await addPeers(contestants, peers, args)
      if (contestants.length === 0) return { rows: [], notes: ['left out: too much work without native threads'] }
      const notes = [...peerNotes, ...(await checkAgreement(contestants, agree))]
      const samples = await measure(contestants, budgetMs)
      const gaps = withPeers ? await gapsOf(contestants) : []
      const baseline = contestants[0].name
      const rows = contestants.map((contestant, index) => ({
        name: contestant.name,
        unit: 'ms',
        samples: samples[index],
        baseline,
        rate: work,
        isPeer: contestant.isPeer === true,
        gapMs: gaps[index],
      }))
      return { rows, notes }
    },
  }))
  return { question, cases }
}

/** Adds the npm packages that take part, and gives notes on those that can't do this size. */
async function addPeers(contestants, peers, args) {
  const notes = []
  if (!withPeers) return notes
  for (const [name, prepare] of Object.entries(peers)) {
    try {
      const module = await importPeer(name)
      const run = await prepare(module, ...args)
      if (run === undefined) continue
      await run()
      contestants.push({ name, run, sync: run.constructor.name !== 'AsyncFunction', isPeer: true })
    } catch (error) {
      notes.push(`${name} gives up: ${String(error.message).split('\n')[0]}`)
    }
  }
  return notes
}

async function checkAgreement(contestants, agree) {
  const [first, ...others] = contestants
  const expected = await first.run()
  const notes = []
  for (const { name, run } of others) {
    if (!agree(expected, await run())) notes.push(`${name} disagrees with ${first.name}: its time means nothing`)
  }
  return notes
}

/** A comparison of numbers for `agree`. */
export function within(tolerance) {
  return (a, b) => Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a))
}

/** The elements of a result, be it a typed array or an NDArray. */
export function elementsOf(result) {
  return ArrayBuffer.isView(result) ? result : result.data
}

/** Element by element; a tolerance of 0 means the same bits. */
export function arraysWithin(tolerance) {
  return (a, b) => {
    const [left, right] = [elementsOf(a), elementsOf(b)]
    if (left.length !== right.length) return false
    return left.every((value, i) => Object.is(value, right[i]) || Math.abs(value - right[i]) <= tolerance)
  }
}
