import assert from 'node:assert/strict'

import * as offloop from 'offloop'

const { alloc, argsort, cumsum, fft, hash, histogram, info, levenshtein, matmul, median, ndarray, random, sort, sum } =
  offloop

const n = 100_003
const numbers = Float64Array.from({ length: n }, (_, i) => ((i * 7919) % 1009) - 500)
const total = numbers.reduce((a, b) => a + b)
const sorted = numbers.toSorted()

const onEach = (check) => async () => {
  for (const backend of ['native', 'worker', 'inline']) {
    if (backend === 'native' && info().binary === undefined) assert.fail(info().reasons.join('; '))
    const task = sum(new Float64Array(1e6).fill(0.5), { backend })
    assert.equal(await task, 5e5)
    assert.equal(task.backend, backend)
    await check(backend)
  }
}

export default {
  'sums, sorts and products on each backend': onEach(async (backend) => {
    assert.equal(await sum(numbers, { backend }), total)
    assert.deepEqual(await sort(numbers, { backend }), sorted)
    assert.equal(await median(numbers, { backend }), sorted[(n - 1) / 2])
    assert.equal((await cumsum(numbers, { backend })).at(-1), total)
    assert.equal(numbers[(await argsort(numbers, { backend }))[0]], sorted[0])
    const a = ndarray(Float64Array.of(1, 2, 3, 4), [2, 2])
    assert.deepEqual([...(await matmul(a, a, { backend })).data], [7, 10, 15, 22])
    assert.equal([...(await levenshtein('kitten', ['sitting'], { backend }))][0], 3)
  }),
  'transforms, counts, hashes and draws with the same bits on each backend': async () => {
    const of = async (backend) => {
      const { counts } = await histogram(numbers, { bins: 10, backend })
      const bits = await hash(numbers, { algorithm: 'sha256', backend })
      const draws = await random.uniform(1000, { seed: 7, backend })
      return { counts: [...counts], bits: String(bits), draws: [...draws] }
    }
    const first = await of('native')
    assert.deepEqual(await of('worker'), first)
    assert.deepEqual(await of('inline'), first)
    const spectrum = await fft(new Float64Array(8).fill(1))
    assert.ok(spectrum)
  },
  'synchronous forms': async () => {
    assert.equal(sum.sync(numbers), total)
    assert.deepEqual(sort.sync(numbers), sorted)
    assert.equal(sum.sync(Float64Array.of(1, 2)), 3)
  },
  'shared and resizable memory': async () => {
    const shared = alloc(Float64Array, n)
    shared.set(numbers)
    for (const backend of ['native', 'worker']) assert.equal(await sum(shared, { backend }), total)
    const buffer = new ArrayBuffer(80, { maxByteLength: 800 })
    assert.equal(await sum(new Float64Array(buffer).fill(2), { backend: 'native' }), 20)
  },
  'an input whose buffer is transferred away while it is read': async () => {
    const input = new Float64Array(4e6).fill(1)
    const task = sum(input, { backend: 'native', onProgress() {} })
    structuredClone(input.buffer, { transfer: [input.buffer] })
    assert.equal(await task, 4e6)
  },
  'results that can be transferred': async () => {
    const result = await sort(numbers)
    const moved = structuredClone(result, { transfer: [result.buffer] })
    assert.equal(result.length, 0)
    assert.deepEqual(moved, sorted)
  },
  'errors by their class': async () => {
    await assert.rejects(sum('text'), TypeError)
    await assert.rejects(histogram(numbers, { bins: -1 }), RangeError)
    assert.throws(() => sum.sync(), TypeError)
  },
}
