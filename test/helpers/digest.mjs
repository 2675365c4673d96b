// Prints a digest of the bits of many results, for same-bits.test.ts to compare between processes. What is run is in
// digests/, a file a family of kernels; each gets `add(name, task)`, the options to pass on, and the inputs below.
import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'

import { info, ndarray } from 'offloop'

const backend = process.env.DIGEST_BACKEND
const options = { backend, ...(backend === 'native' ? { onProgress() {} } : {}) }
const digests = {}
const everywhere = []
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
  if (typeof result === 'bigint' || typeof result === 'string') return [String(result)]
  if (result === undefined) return []
  if (ArrayBuffer.isView(result)) return [bytes(result)]
  if (ArrayBuffer.isView(result.data)) return [bytes(result.data)]
  return Object.keys(result)
    .toSorted()
    .flatMap((key) => parts(result[key]))
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

for (const file of readdirSync(new URL('./digests/', import.meta.url)).toSorted()) {
  const { default: digest, everywhere: promised } = await import(
    new URL(file, new URL('./digests/', import.meta.url)).href
  )
  everywhere.push(...promised)
  await digest(add, options, { n, next, floats, singles, special, ints, bytesOf, bigs, inputs, tables })
}

const list = Object.fromEntries(Object.entries(digests).map(([name, hash]) => [name, hash.digest('hex')]))
const { cpu, threads } = info()
console.log(
  JSON.stringify({ digests: list, everywhere, cpu, threads, backends: [...ran.backends], usedThreads: ran.threads }),
)
