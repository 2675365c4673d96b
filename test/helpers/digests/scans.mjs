import { alloc, bincount, cumprod, cumsum, diff, histogram, nbody, primes } from 'offloop'

/** The same bits on every backend and CPU level. */
export const everywhere = ['cumsum', 'cumprod', 'diff', 'histogram', 'bincount', 'primes']

export default async function digest(add, options, { n, floats, ints, bytesOf, inputs, tables, special }) {
  // Longer than a part of a line, which is 2^18 elements.
  const near = alloc(Float64Array, 270_001)
  for (let i = 0; i < near.length; i++) near[i] = 1 + ((i * 7919) % 1001) / 1e6
  for (const x of inputs) {
    await add('cumsum', cumsum(x, options))
    await add('cumprod', cumprod(x, options))
    await add('diff', diff(x, { ...options, order: 2 }))
    await add('histogram', histogram(x, { ...options, bins: 100, range: [-1, 1e6] }))
  }
  await add('cumprod', cumprod(near, options))
  for (const table of tables) {
    for (const axis of [0, 1]) {
      await add('cumsum', cumsum(table, { ...options, axis }))
      await add('cumprod', cumprod(table, { ...options, axis }))
      await add('diff', diff(table, { ...options, axis }))
    }
    await add('histogram', histogram(table, { ...options, edges: [-Infinity, -1, -1e-3, 0, 1e-4, 3, 1e9] }))
  }
  await add('histogram', histogram(special, { ...options, weights: floats, bins: 37, range: [-2, 2] }))
  await add('histogram', histogram(bytesOf, { ...options, bins: 300 }))
  await add('bincount', bincount(bytesOf, options))
  await add('bincount', bincount(bytesOf, { ...options, weights: floats }))
  const many = Uint32Array.from({ length: n }, (_, i) => Math.abs(ints[i]) % 100_000)
  await add('bincount', bincount(many, options))
  await add('bincount', bincount(many, { ...options, weights: floats }))
  await add('primes', primes(2_500_000, options))
  const positions = floats.subarray(0, 1500)
  await add('nbody', nbody(positions, near.subarray(0, 500), { ...options, softening: 0.1 }))
}
