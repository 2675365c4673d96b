// Made-up results of a large run: every kind of row, 36 kernels, peers, eight threads, and a bench of other units.

const kernels = (
  'argmin argsort bincount convolve cumprod cumsum describe diff dot fft gram hash histogram kmeans levenshtein ' +
  'mandelbrot matmul mean median minmax nbody nearest norm normalize pairwise partition primes quantile random rank ' +
  'rfft searchsorted sort sum topk transpose'
).split(' ')

/** Numbers that look measured, and are the same in every run. */
function numbers(seed) {
  let state = seed
  return () => {
    state = (state * 48271) % 2147483647
    return state / 2147483647
  }
}

/**
 * @param {{ change?: number }} [options] `change` is a factor on the times of `native`.
 * @returns {import('../../src/cli/bench/results.ts').Results}
 */
export function madeUpResults({ change = 1 } = {}) {
  const next = numbers(7)
  const samples = (middle, count = 24) => Array.from({ length: count }, () => middle * (0.95 + 0.2 * next() ** 3))
  const watched = (middle, blocks) => {
    const standstills = []
    for (let at = 4; at < 150; at += middle + 1) if (blocks) standstills.push([at, Math.max(middle, 3)])
    return { gapMs: blocks ? middle : 0.4, loop: { span: Math.max(150, middle + 12), standstills } }
  }
  const caseOf = (kernel, n, ms, units) => {
    const rate = { amount: (n * 8) / 1e6, unit: units }
    const row = (name, kind, time, more = {}) => ({
      name,
      kind,
      unit: 'ms',
      samples: samples(time),
      baseline: 'plain JS',
      rate,
      isPeer: kind === 'peer',
      ...more,
    })
    const gain = 2 + next() * 25
    const native = (ms / gain) * change
    return {
      bench: `kernels/${kernel}`,
      name: `${n.toExponential()} float64 of some order`,
      notes: [],
      bytes: { read: n * 8, written: n * 8 },
      dtype: 'Float64Array',
      idle: watched(0.3, false),
      rows: [
        row('plain JS', 'plain', ms, watched(ms, ms > 2)),
        row('inline', 'inline', ms * 1.4, watched(1.5, false)),
        row('worker', 'worker', ms * 0.7 + 0.2, watched(1, false)),
        row('native, sync', 'native', native * 6, watched(native * 6, native > 0.5)),
        row('native', 'native', native, watched(0.5, false)),
        row('native, out', 'native', native * 0.9, watched(0.5, false)),
        ...[1, 2, 4, 8].map((threads) =>
          row(`native, ${threads} threads`, 'native', (native * 6.2) / threads ** 0.9, { threads }),
        ),
        row('numpy-ts', 'peer', ms * 0.4, watched(ms * 0.4, ms > 4)),
        row('another-package-with-a-long-name', 'peer', ms * 0.9, watched(ms * 0.9, ms > 2)),
      ],
    }
  }
  const limit = (name, amount, time, unit, what) => ({
    name,
    unit: 'ms',
    samples: samples(time),
    rate: { amount, unit },
    limit: what,
  })
  return {
    program: 'offloop bench',
    machine: {
      cpu: 'AMD EPYC 9654 96-Core Processor',
      processors: 8,
      memoryGB: 24,
      system: 'Linux 6.18 x64',
      node: '22.0.0',
      offloop: '0.1.0',
      commit: 'abcdef0',
      backend: 'native',
      level: 'avx512',
      threads: 8,
      cacheBytes: 32e6,
      reasons: [],
      load: 2.4,
      at: '2026-01-02T03:04:05.000Z',
    },
    cases: [
      {
        bench: 'machine/limits',
        name: 'memory',
        notes: ['128 MB'],
        rows: [
          limit('sum', 2048, 9, 'GB/s', 'memory, one thread'),
          limit('sum by all', 2048, 0.9, 'GB/s', 'memory, all threads'),
        ],
      },
      {
        bench: 'machine/limits',
        name: 'arithmetic, float64',
        notes: [],
        rows: [
          limit('matmul', 4294, 40, 'GFLOP/s', 'float64, one thread'),
          limit('matmul by all', 4294, 6, 'GFLOP/s', 'float64, all threads'),
        ],
      },
      ...kernels.flatMap((kernel, i) =>
        [1e3, 1e5, 1e7].map((n) =>
          caseOf(kernel, n, (n / 1e6) * (0.5 + 40 * next() ** 3), ['GB/s', 'million/s', 'GFLOP/s'][i % 3]),
        ),
      ),
      {
        bench: 'engine/memory',
        name: 'what a call takes',
        notes: ['a note about <it> & more'],
        rows: ['idle', 'busy', 'nothing'].map((name, i) => ({
          name,
          unit: 'MB',
          samples: samples(i === 2 ? 0 : i * 30 + 4),
        })),
      },
    ],
  }
}
