import { ndarray, pairwise } from 'offloop'
import { describe, expect, it } from 'vitest'

import { checkKernel } from '../helpers/lanes.ts'
import type { AnyKernel, Case } from '../helpers/lanes.ts'
import { bitMetrics, numberMetrics, oddViews, rowsIn, rowsOf, score } from '../helpers/vectors.ts'
import type { Metric, VectorType } from '../helpers/vectors.ts'
import type { Strided } from '../helpers/views.ts'

const kernel = pairwise as unknown as AnyKernel
const types: readonly VectorType[] = ['float32', 'float64', 'half', 'int8', 'uint8']
const metricsOf = (type: VectorType) => (type === 'uint8' ? bitMetrics : numberMetrics)

function compare(type: VectorType, metric: Metric, a: Strided, b?: Strided, out?: () => unknown): Case {
  const others = rowsIn(type, b ?? a)
  const scores = rowsIn(type, a).flatMap((row) => others.map((other) => score(metric, type, row, other)))
  const rounded = type === 'float64' ? (x: number) => x : Math.fround
  return {
    name: `${type} ${metric} [${a.shape}] by [${(b ?? a).shape}], strides [${a.strides}] and [${(b ?? a).strides}]`,
    args: () => [a, b],
    options: () => ({ metric, out: out?.() }),
    expected: {
      values: scores.map((each) => rounded(each.score)),
      errors: scores.map((each) => each.error + (type === 'float64' ? 0 : 2 ** -24 * Math.abs(each.score))),
      shape: [a.shape[0], others.length],
    },
  }
}

describe.each(types)('pairs of %s vectors', (type) => {
  it('are right around every width of vectors and tiles', async () => {
    const lengths = [1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65, 100, 257]
    const counts = [1, 2, 4, 5, 8, 9, 16, 17, 31, 48, 49, 65]
    await checkKernel(
      pairwise,
      lengths.flatMap((d, i) =>
        metricsOf(type).map((metric, j) => {
          const m = counts[(5 * i + j) % counts.length]
          const n = counts[(7 * i + 2 * j) % counts.length]
          return compare(type, metric, rowsOf(type, m, d, i + 1, i % 3), rowsOf(type, n, d, i + 40, 2, i % 2 === 0))
        }),
      ),
      false,
    )
  })

  it('are right over many tiles, and go past the caches', async () => {
    const [metric] = metricsOf(type)
    await checkKernel(pairwise, [compare(type, metric, rowsOf(type, 130, 40, 1), rowsOf(type, 523, 40, 2))], false)
    // 34 MB of results: looked at here and there.
    const [a, b] = [rowsOf(type, 2903, 4, 3), rowsOf(type, 2939, 4, 4)]
    const [left, right] = [rowsIn(type, a), rowsIn(type, b)]
    const result = await pairwise(a as never, b as never, { metric })
    for (let at = 0; at < result.size; at += 1009) {
      const [i, j] = [Math.floor(at / 2939), at % 2939]
      const { score: wanted, error } = score(metric, type, left[i], right[j])
      expect(Math.abs(result.at(i, j) - wanted)).toBeLessThanOrEqual(error + 2 ** -24 * Math.abs(wanted))
    }
  })

  it('are right for rows that lie apart, backwards, or on one another', async () => {
    if (type === 'half') return
    const views = oddViews(type, 21, 19)
    const cases = views.flatMap((a, i) =>
      metricsOf(type).map((metric) => compare(type, metric, a, views[(i + 1) % views.length])),
    )
    await checkKernel(pairwise, cases, false)
  })

  it('of rows with themselves are exactly symmetric, and no distance from themselves', async () => {
    for (const metric of metricsOf(type)) {
      for (const n of [3, 60, 300]) {
        const a = rowsOf(type, n, 33, n)
        await checkKernel(pairwise, n === 60 ? [compare(type, metric, a)] : [], false)
        for (const backend of ['native', 'inline'] as const) {
          const result = await pairwise(a as never, undefined, { metric, backend })
          for (let i = 0; i < n; i++) {
            if (metric !== 'cosine' && metric !== 'dot') expect(result.at(i, i)).toBe(0)
            for (let j = 0; j < i; j++) if (result.at(i, j) !== result.at(j, i)) expect.fail(`${metric} ${i} ${j}`)
          }
        }
      }
    }
  })
})

describe('pairs', () => {
  it('of near rows lose no digits', async () => {
    const x = ndarray(
      Float32Array.from({ length: 40 }, (_, i) => 4096 + i * 2 ** -8),
      [40, 1],
    )
    const distances = await pairwise(x, undefined, { metric: 'l2' })
    for (let i = 0; i < 40; i++) expect(distances.at(i, 0)).toBe(i * 2 ** -8)
  })

  it('go to `out`, of any strides', async () => {
    const [a, b] = [rowsOf('float64', 20, 5, 1), rowsOf('float64', 30, 5, 2)]
    const outs = [
      () => new Float64Array(600),
      () => ndarray(new Float64Array(600), [30, 20]).T,
      () => ndarray(new Float64Array(1300), [20, 30], [-62, 2], 1239),
    ]
    await checkKernel(
      pairwise,
      outs.map((out) => compare('float64', 'l2sq', a, b, out)),
      false,
    )
  })

  it('of nothing are empty, and of vectors of nothing 0', async () => {
    const none = ndarray(new Float32Array(0), [0, 3])
    expect((await pairwise(none, ndarray(new Float32Array(6), [2, 3]))).shape).toEqual([0, 2])
    const flat = ndarray(new Float32Array(0), [2, 0])
    expect((await pairwise(flat)).toNested()).toEqual([
      [0, 0],
      [0, 0],
    ])
  })

  it('say what is wrong', async () => {
    const f32 = (n: number, d: number) => ndarray(new Float32Array(n * d), [n, d])
    const wrong: readonly (readonly [readonly unknown[], string])[] = [
      [[new Float32Array(3)], 'Expected `a.shape` to be [n, d]'],
      [[f32(2, 3), f32(2, 4)], 'Expected `b.shape` to be [n, 3], as `a` has vectors of that length'],
      [[f32(2, 3), null], 'Expected `b` to be a typed array or an n-d view'],
      [[f32(2, 3), ndarray(new Int8Array(6), [2, 3])], 'Expected `b` to be of the same type as `a`, which is float32'],
      [[f32(2, 3), undefined, { metric: 'jaccard' }], 'Expected `a.data` to be a Uint8Array'],
      [[f32(2, 3), undefined, { metric: 5 }], 'Expected `metric` to be one of '],
      [[f32(2, 3), undefined, { out: new Float32Array(5) }], 'Expected `out.length` to be 4'],
    ]
    for (const [args, message] of wrong) {
      await expect(kernel(...args), message).rejects.toThrow(message)
      expect(() => kernel.sync(...args), message).toThrow(message)
    }
  })
})
