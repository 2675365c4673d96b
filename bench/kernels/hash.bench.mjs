import { createHash } from 'node:crypto'

import { hash } from 'offloop'

import { uniform } from '../harness/inputs.mjs'
import { kernelBench } from '../harness/kernel-bench.mjs'

/** What Node has; for the others the portable reference stands in. */
const plain = {
  sha256: (data) => each(data, (bytes) => createHash('sha256').update(bytes).digest('hex')),
  blake3: (data) => hash.sync(data, { algorithm: 'blake3', backend: 'inline' }),
  xxh3: (data) => hash.sync(data, { algorithm: 'xxh3', backend: 'inline' }),
  crc32c: (data) => hash.sync(data, { algorithm: 'crc32c', backend: 'inline' }),
}

/** Makers of hash-wasm; its CRC takes the reflected polynomial. */
const makers = {
  sha256: (module) => module.createSHA256(),
  blake3: (module) => module.createBLAKE3(),
  xxh3: (module) => module.createXXHash3(),
  crc32c: (module) => module.createCRC32(0x82f63b78),
}

function each(data, digest) {
  return Array.isArray(data) ? data.map(digest) : digest(data)
}

function random(bytes) {
  return new Uint8Array(uniform(Float64Array, Math.ceil(bytes / 8)).buffer, 0, bytes)
}

function cuts(count, bytes) {
  const all = random(count * bytes)
  return Array.from({ length: count }, (_, i) => all.subarray(i * bytes, (i + 1) * bytes))
}

const inputs = [
  { name: '100 bytes', bytes: 100, make: () => random(100) },
  { name: '10 kB', bytes: 1e4, make: () => random(1e4) },
  { name: '1 MB', bytes: 1e6, make: () => random(1e6), headline: true },
  { name: '100 MB', bytes: 1e8, make: () => random(1e8) },
  { name: '1000 x 100 kB', bytes: 1e8, make: () => cuts(1000, 1e5), headline: true },
  { name: '100000 x 64 bytes', bytes: 6.4e6, make: () => cuts(100_000, 64) },
]

const sizes = Object.keys(plain).flatMap((algorithm) =>
  inputs.map(({ name, bytes, make, headline }) => ({
    name: `${algorithm}, ${name}`,
    headline: headline === true,
    input: () => [make(), { algorithm }],
    plainMs: bytes / (algorithm === 'sha256' ? 1e6 : 2e5),
    work: { amount: bytes / 1e6, unit: 'GB/s' },
  })),
)

export default kernelBench({
  question: 'What does a digest cost against node:crypto (sha256) and plain JavaScript, for one buffer and for many?',
  plain: (data, { algorithm }) => plain[algorithm](data),
  kernel: Object.assign((data, { algorithm }, options) => hash(data, { ...options, algorithm }), {
    sync: (data, { algorithm }) => hash.sync(data, { algorithm }),
  }),
  agree: (a, b) => String(a) === String(b),
  peers: {
    'hash-wasm': async (module, data, { algorithm }) => {
      const hasher = await makers[algorithm](module)
      return () => each(data, (bytes) => hasher.init().update(bytes).digest())
    },
    '@noble/hashes/blake3.js': ({ blake3 }, data, { algorithm }) =>
      algorithm === 'blake3' && data.length <= 1e6 && !Array.isArray(data)
        ? () => Buffer.from(blake3(data)).toString('hex')
        : undefined,
    // XXH64 is another function, of which the digests can't agree: its time is what compares.
    'xxhash-wasm': async (module, data, { algorithm }) => {
      if (algorithm !== 'xxh3') return undefined
      const { h64Raw } = await module.default()
      const expected = hash.sync(data, { algorithm })
      return () => {
        each(data, (bytes) => h64Raw(bytes).toString(16))
        return expected
      }
    },
  },
  sizes,
})
