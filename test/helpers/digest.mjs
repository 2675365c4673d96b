// Prints a digest of the bits of many results, for same-bits.test.ts to compare between processes. What is run is in
// digests/, a file a family of kernels; each gets `add(name, task)`, the options to pass on, and the inputs below.
//   DIGEST_BACKEND  which
//   DIGEST_LENGTH   of the inputs
//   DIGEST_ROUNDS   how many digests of the same to print (1)
import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'

import { alloc, info, ndarray } from 'offloop'

const backend = process.env.DIGEST_BACKEND
const options = { backend, ...(backend === 'native' ? { onProgress() {} } : {}) }
const ran = { backends: new Set(), threads: 0 }

let digests = {}
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
  if (array instanceof Float64Array) return withoutBits(array)
  if (array instanceof Float32Array) return withoutBits(array)
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
}

function withoutBits(array) {
  const copy = array.slice()
  for (let i = 0; i < copy.length; i++) if (copy[i] !== copy[i]) copy[i] = NaN
  return new Uint8Array(copy.buffer)
}

// Shared memory needs no copy for workers.
function make(Type, value) {
  const array = alloc(Type, n)
  for (let i = 0; i < n; i++) array[i] = value(i)
  return array
}

let state = 42
function next() {
  state ^= state << 13
  state ^= state >>> 17
  state ^= state << 5
  return state >>> 0
}

// More than the longest piece that any kernel does whole, which is 131,072 elements.
const n = Number(process.env.DIGEST_LENGTH)
const floats = make(Float64Array, () => (next() / 2 ** 31 - 1) * 2 ** ((next() % 40) - 20))
const singles = make(Float32Array, (i) => floats[i])
const special = make(Float64Array, (i) => (i % 1009 === 5 ? NaN : i % 499 === 3 ? -0 : floats[i]))
const ints = make(Int32Array, next)
const bytesOf = new Uint8Array(ints.buffer, 1, n)
const bigs = new BigInt64Array(floats.buffer, 0, n)
const inputs = [floats, singles, special, ints, bytesOf, bigs, floats.subarray(3, 50_000), singles.subarray(1, 100)]
const square = [500, Math.floor(n / 500)]
const tables = [
  ndarray(floats, square),
  ndarray(floats, square).T,
  ndarray(singles, [10, Math.floor(n / 10)]),
  ndarray(floats, [Math.floor(n / 4), 4]),
  ndarray(floats, [33, 1001], [1001 * 2, 2], 7),
]

const folder = new URL('./digests/', import.meta.url)
const files = readdirSync(folder).toSorted()
const families = await Promise.all(files.map((file) => import(new URL(file, folder).href)))

const rounds = []
for (let round = 0; round < Number(process.env.DIGEST_ROUNDS ?? 1); round++) {
  digests = {}
  for (const { default: digest } of families) {
    state = 42
    await digest(add, options, { n, next, square, floats, singles, special, ints, bytesOf, bigs, inputs, tables })
  }
  rounds.push(Object.fromEntries(Object.entries(digests).map(([name, hash]) => [name, hash.digest('hex')])))
}

const { cpu, threads } = info()
const everywhere = families.flatMap((family) => family.everywhere)
console.log(JSON.stringify({ rounds, everywhere, cpu, threads, backends: [...ran.backends], usedThreads: ran.threads }))
