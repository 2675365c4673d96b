// The bench of one kernel: the same inputs for every way to run it, at each size.
import { info } from 'offloop'

import { watchIdle, watchLoops } from './gap.mjs'
import { measure } from './measure.mjs'
import { importPeer, withPeers } from './peers.mjs'

/**
 * Plain loops and the portable JavaScript get no sizes where one call would take longer than about this, and of whoever
 * turns out to, one call is the only sample.
 */
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
    async run({ budgetMs, backends, threads, watchMs }) {
      const args = input()
      const slow = plainMs >= slowMs
      const all = contestantsOf({ args, slow, plain, kernel, out: out?.(...args), threads })
      const wanted = ({ kind }) => backends === undefined || backends.includes(kind)
      const contestants = all.filter(wanted)
      const peerNotes = wanted({ kind: 'peer' }) ? await addPeers(contestants, peers, args) : []
      if (contestants.length === 0) {
        return { rows: [], notes: [`left out: too much work for who takes part here${slow ? '' : ', or nobody does'}`] }
      }
      const { expected, notes } = await checkAgreement(contestants, agree)
      const quick = contestants.filter(({ trialMs }) => trialMs < slowMs)
      const measured = await measure(quick, budgetMs)
      const samples = contestants.map((each) => measured[quick.indexOf(each)] ?? [each.trialMs])
      const quickWatched = watchMs > 0 ? await watchLoops(quick, watchMs) : []
      const watched = contestants.map((each) => quickWatched[quick.indexOf(each)])
      const idle = watchMs > 0 ? await watchIdle(watchMs) : undefined
      const rows = contestants.map(({ name: row, kind, threads: limited }, index) => ({
        name: row,
        kind,
        threads: limited,
        unit: 'ms',
        samples: samples[index],
        baseline: contestants[0].name,
        rate: work,
        isPeer: kind === 'peer',
        ...watched[index],
      }))
      return {
        rows,
        notes: [...peerNotes, ...notes],
        bytes: { read: bytesOf(args), written: bytesOf(expected) },
        idle,
        dtype: arraysIn(args)[0]?.constructor.name,
      }
    },
  }))
  return { question, cases }
}

/** Every way to run a kernel here; a plain loop only where it would not take too long. */
function contestantsOf({ args, slow, plain, kernel, out, threads = [] }) {
  const contestants = []
  const add = (kind, name, run, more) => contestants.push({ kind, name, run, ...more })
  if (!slow) {
    add('plain', 'plain JS', () => plain(...args), { sync: true })
    add('inline', 'inline', () => kernel(...args, { backend: 'inline' }))
    add('worker', 'worker', () => kernel(...args, { backend: 'worker' }))
  }
  if (info().backend !== 'native') return contestants
  add('native', 'native, sync', () => kernel.sync(...args), { sync: true })
  add('native', 'native', () => kernel(...args, { backend: 'native' }))
  if (out !== undefined) add('native', 'native, out', () => kernel(...args, { backend: 'native', out }))
  for (const count of threads) {
    const name = `native, ${count} thread${count === 1 ? '' : 's'}`
    add('native', name, () => kernel(...args, { backend: 'native', threads: count }), { threads: count })
  }
  return contestants
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
      const trial = await timed(run)
      contestants.push({ name, run, sync: run.constructor.name !== 'AsyncFunction', kind: 'peer', trial })
    } catch (error) {
      notes.push(`${name} gives up: ${String(error.message).split('\n')[0]}`)
    }
  }
  return notes
}

/** Compares what everybody gives in one call, and keeps how long it took as `trialMs`. */
async function checkAgreement(contestants, agree) {
  const notes = []
  let expected
  for (const contestant of contestants) {
    const { result, ms } = contestant.trial ?? (await timed(contestant.run))
    contestant.trial = undefined
    contestant.trialMs = ms
    if (contestant === contestants[0]) expected = result
    else if (!agree(expected, result)) {
      notes.push(`${contestant.name} disagrees with ${contestants[0].name}: its time means nothing`)
    }
  }
  return { expected, notes }
}

async function timed(run) {
  const start = performance.now()
  const result = await run()
  return { result, ms: performance.now() - start }
}

function bytesOf(value) {
  return arraysIn(value).reduce((sum, { byteLength }) => sum + byteLength, 0)
}

/** The typed arrays in a value, at the depth that arguments and results have them. */
function arraysIn(value) {
  if (ArrayBuffer.isView(value)) return [value]
  if (typeof value !== 'object' || value === null) return []
  return (Array.isArray(value) ? value : [value.data ?? Object.values(value)]).flat().flatMap(arraysIn)
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
