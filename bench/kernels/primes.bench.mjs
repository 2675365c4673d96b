import { primes } from 'offloop'

import { arraysWithin, kernelBench } from '../harness/kernel-bench.mjs'

export default kernelBench({
  question: 'What does it cost to list all primes below n?',
  kernel: primes,
  plain(limit) {
    // Odd numbers alone, in segments that stay in the cache.
    const size = 1 << 15
    const root = Math.floor(Math.sqrt(limit))
    const small = new Uint8Array(root + 1)
    const base = []
    const next = []
    for (let i = 3; i <= root; i += 2) {
      if (small[i]) continue
      base.push(i)
      next.push((i * i - 1) / 2)
      for (let j = i * i; j <= root; j += 2 * i) small[j] = 1
    }
    const found = new Uint32Array(Math.ceil((1.26 * limit) / Math.log(limit)))
    found[0] = 2
    let count = 1
    const odd = Math.floor(limit / 2)
    const sieve = new Uint8Array(size)
    for (let low = 0; low < odd; low += size) {
      const end = Math.min(size, odd - low)
      sieve.fill(0)
      for (let k = 0; k < base.length; k++) {
        let j = next[k] - low
        for (; j < size; j += base[k]) sieve[j] = 1
        next[k] = j + low
      }
      for (let i = low === 0 ? 1 : 0; i < end; i++) if (sieve[i] === 0) found[count++] = 2 * (low + i) + 1
    }
    return found.subarray(0, count)
  },
  agree: arraysWithin(0),
  sizes: [1e3, 1e5, 1e6, 1e8].map((n) => ({
    name: n.toExponential(),
    headline: n > 1e3,
    input: () => [n],
    work: { amount: n / 1e3, unit: 'million/s' },
  })),
})
