// Prints a digest of the bits of many results, for same-bits.test.ts to compare between processes.
import { createHash } from 'node:crypto'

import { dot, info, mandelbrot, matmul, mean, minmax, ndarray, sort, sum, variance } from 'offloop'

const backend = process.env.DIGEST_BACKEND
const options = { backend, ...(backend === 'native' ? { onProgress() {} } : {}) }
const digests = {}
const ran = { backends: new Set(), threads: 0 }

async function add(name, task) {
  const result = await task
  ran.backends.add(task.backend)
  ran.threads = Math.max(ran.threads, task.timing.threads)
  digests[name] ??= createHash('sha256')
  for (const part of parts(result)) digests[name].update(part)
}

function parts(result) {
  if (typeof result === 'number') return [bytes(Float64Array.of(result))]
  if (typeof result === 'bigint') return [String(result)]
  if (ArrayBuffer.isView(result)) return [bytes(result)]
  if (result.data !== undefined) return [bytes(result.data)]
  return [...parts(result.min), ...parts(result.max)]
}

// Any NaN is as good as any other.
function bytes(array) {
  const copy = array.slice()
  if (copy instanceof Float64Array || copy instanceof Float32Array) copy.forEach((x, i) => x !== x && (copy[i] = NaN))
  return new Uint8Array(copy.buffer)
}

let state = 42
function next() {
  state ^= state << 13
  state ^= state >>> 17
  state ^= state << 5
  return state >>> 0
}

const n = 1_000_003
const floats = Float64Array.from({ length: n }, () => (next() / 2 ** 31 - 1) * 2 ** ((next() % 40) - 20))
const singles = Float32Array.from(floats)
const special = floats.map((x, i) => (i % 1009 === 5 ? NaN : i % 499 === 3 ? -0 : x))
const ints = Int32Array.from({ length: n }, next)
const bytesOf = new Uint8Array(ints.buffer, 1, n)
const bigs = new BigInt64Array(floats.buffer.slice(0))
const inputs = [floats, singles, special, ints, bytesOf, bigs, floats.subarray(3, 50_000), singles.subarray(1, 100)]
const tables = [
  ndarray(floats, [1000, 1000]),
  ndarray(floats, [1000, 1000]).T,
  ndarray(singles, [10, 100_000]),
  ndarray(floats, [250_000, 4]),
  ndarray(floats, [33, 1001], [1001 * 2, 2], 7),
]

for (const x of inputs) {
  const skip = x === special ? [{}, { skipNaN: true }] : [{}]
  for (const more of skip) {
    await add('sum', sum(x, { ...options, ...more }))
    await add('mean', mean(x, { ...options, ...more }))
    await add('variance', variance(x, { ...options, ...more }))
    await add('minmax', minmax(x, { ...options, ...more }))
    await add('dot', dot(x, x.toReversed(), { ...options, ...more }))
  }
  await add('sort', sort(x, options))
  await add('sort', sort(x, { ...options, descending: true }))
}
for (const table of tables) {
  for (const axis of [0, 1]) {
    await add('sum', sum(table, { ...options, axis }))
    await add('mean', mean(table, { ...options, axis }))
    await add('variance', variance(table, { ...options, axis }))
    await add('minmax', minmax(table, { ...options, axis }))
    await add('sort', sort(table, { ...options, axis }))
  }
  await add('dot', dot(table, table, options))
}
await add('mandelbrot', mandelbrot({ width: 400, height: 301, iterations: 300 }, options))
await add('mandelbrot', mandelbrot({ width: 201, height: 99, x: -0.7436, y: 0.1318, scale: 1e-4 }, options))
await add('matmul', matmul(ndarray(floats, [301, 257]), ndarray(floats, [257, 123], [123, 1], 80_000), options))
await add('matmul', matmul(ndarray(singles, [65, 1000]), ndarray(singles, [1000, 70]), options))
await add('matmul', matmul(ndarray(floats, [100, 100, 10]), ndarray(floats, [10, 3]), options))

const list = Object.fromEntries(Object.entries(digests).map(([name, hash]) => [name, hash.digest('hex')]))
const { cpu, threads } = info()
console.log(JSON.stringify({ digests: list, cpu, threads, backends: [...ran.backends], usedThreads: ran.threads }))
