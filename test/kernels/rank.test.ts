import { ndarray, NDArray, rank } from 'offloop'
import type { RankMethod } from 'offloop'
import { describe, expect, it } from 'vitest'

import { checkKernel } from '../helpers/lanes.ts'
import type { Case } from '../helpers/lanes.ts'
import { alongAxis, fewSizes, isSame, longSamples, orderOf, patterns, plain, shapeOf } from '../helpers/order.ts'
import { axesOf, dtypes, views } from '../helpers/views.ts'
import type { Sample, Value } from '../helpers/views.ts'

const methods: readonly RankMethod[] = ['average', 'min', 'max', 'dense', 'ordinal']

describe.each(dtypes)('ranks of %s', (dtype) => {
  it('are right for every size and place', async () => {
    await checkKernel(
      rank,
      fewSizes.map((size, i) => ranked(plain(dtype, size, i % 4, i % 5 === 0), { method: methods[i % 5] })),
    )
  })

  it('are right for every view and pattern', async () => {
    const cases = views(dtype).flatMap((view) =>
      axesOf(view).map((axis, i) => ranked(view, { ...(axis === undefined ? {} : { axis }), method: methods[i % 5] })),
    )
    await checkKernel(rank, cases)
    await checkKernel(
      rank,
      patterns(dtype, 3000).flatMap((sample) => methods.map((method) => ranked(sample, { method }))),
    )
  })
})

describe('ranks', () => {
  it.each(['float64', 'bigint64'] as const)('of long lines of %s are right', async (dtype) => {
    const samples = longSamples(dtype)
    await checkKernel(
      rank,
      samples.map((sample, i) => ranked(sample, { method: methods[i % 5] })),
    )
  })

  it('are those of the definitions', async () => {
    const x = new Float64Array([0, 2, 3, 2])
    const expected = {
      average: [1, 2.5, 4, 2.5],
      min: [1, 2, 4, 2],
      max: [1, 3, 4, 3],
      dense: [1, 2, 3, 2],
      ordinal: [1, 2, 4, 3],
    }
    for (const [method, ranks] of Object.entries(expected)) {
      expect([...(await rank(x, { method: method as RankMethod }))]).toEqual(ranks)
    }
    expect([...(await rank(new Float64Array([NaN, 2, 0, -0])))]).toEqual([NaN, 3, 1.5, 1.5])
  })

  it('go into `out`, and along an axis', async () => {
    const out = new Float64Array(2)
    expect(await rank(new Uint8Array([5, 3]), { out })).toBe(out)
    expect([...out]).toEqual([2, 1])
    const table = await rank(ndarray(new Int8Array([1, 5, 2, 4]), [2, 2]), { axis: 0 })
    expect(table).toBeInstanceOf(NDArray)
    expect(table.toNested()).toEqual([
      [1, 2],
      [2, 1],
    ])
  })

  it('say what is wrong', async () => {
    await expect(rank(new Int8Array(2), { method: 'first' as never })).rejects.toThrow(
      "Expected `method` to be one of 'average', 'min', 'max', 'dense', 'ordinal', got `'first'` (string)",
    )
  })
})

/** Zeros are equal here, whatever their sign. */
function ranksOf(values: readonly Value[], method: RankMethod): number[] {
  const plus = values.map((value) => (value === 0 ? 0 : value))
  const order = orderOf(plus)
  const ranks = plus.map(() => 0)
  let dense = 0
  for (let first = 0, end = 0; first < order.length; first = end) {
    while (end < order.length && isSame(plus[order[first]], plus[order[end]])) end++
    dense++
    for (let i = first; i < end; i++) {
      const rankOf = { average: (first + 1 + end) / 2, min: first + 1, max: end, dense, ordinal: i + 1 }
      ranks[order[i]] = Number.isNaN(plus[order[i]]) ? NaN : rankOf[method]
    }
  }
  return ranks
}

function ranked(sample: Sample, options: { axis?: number; method: RankMethod }): Case {
  const line = (values: Value[]) => ranksOf(values, options.method)
  const whole = sample.shape.length === 1
  return {
    name: `${sample.name} ${JSON.stringify(options)}`,
    args: () => [sample.input],
    options: () => options,
    expected: {
      values: whole ? line(Array.from(sample.values)) : alongAxis(sample, options.axis ?? -1, line),
      shape: shapeOf(sample),
    },
  }
}
