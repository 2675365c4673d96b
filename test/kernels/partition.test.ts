import { ndarray, partition } from 'offloop'
import { describe, expect, it } from 'vitest'

import { checkKernel } from '../helpers/lanes.ts'
import type { Case } from '../helpers/lanes.ts'
import { alongAxis, compare, fewSizes, longSamples, orderOf, patterns, plain, shapeOf } from '../helpers/order.ts'
import { axesOf, dtypes, views } from '../helpers/views.ts'
import type { Sample, Value } from '../helpers/views.ts'

describe.each(dtypes)('a partition of %s', (dtype) => {
  it('is right for every size, place and rank', async () => {
    const cases = fewSizes.slice(1).flatMap((size, i) => {
      const sample = plain(dtype, size, i % 4, i % 5 === 0)
      const ranks = [...new Set([0, size >> 1, size - 1])]
      return ranks.map((k, j) => parted(sample, k, { descending: (i + j) % 2 === 1 }))
    })
    await checkKernel(partition, cases)
  })

  it('is right for every view and pattern', async () => {
    const whole = views(dtype).filter(({ values }) => values.length > 0)
    await checkKernel(
      partition,
      whole.flatMap((view) => axesOf(view).map((axis) => parted(view, 0, axis === undefined ? {} : { axis }))),
    )
    await checkKernel(
      partition,
      patterns(dtype, 5000).map((sample, i) => parted(sample, 2500 + i * 100)),
    )
  })
})

describe('a partition', () => {
  it.each(['float64', 'int16'] as const)('of long lines of %s is right', async (dtype) => {
    const samples = longSamples(dtype)
    await checkKernel(
      partition,
      samples.map((sample, i) => parted(sample, 10_000 * i, { descending: i % 2 === 1 })),
    )
  })

  it('works in place, also through strides', async () => {
    const x = Float64Array.from({ length: 200_000 }, (_, i) => (i * 7919) % 200_000)
    expect(await partition(x, 1000, { out: x })).toBe(x)
    expect(x[1000]).toBe(1000)
    expect(Math.max(...x.subarray(0, 1000))).toBe(999)
    const data = new Int32Array([9, 100, 7, 101, 8, 102])
    const view = ndarray(data, [3], [2])
    await partition(view, 1, { out: view })
    expect([...data]).toEqual([7, 100, 8, 101, 9, 102])
  })

  it('says what is wrong', async () => {
    const x = new Float64Array(4)
    await expect(partition(x, 4)).rejects.toThrow('Expected `k` to be an integer from 0 to 3, got `4` (number)')
    await expect(partition(x, '1' as never)).rejects.toThrow(TypeError)
    await expect(partition(new Float64Array(0), 0)).rejects.toThrow('Expected `x.length` to be at least 1')
  })
})

/** By sorting: all before the element of rank k in their order, all that equal it, all after it. */
function partedLine(values: ArrayLike<Value>, k: number, descending: boolean): Value[] {
  const list = Array.from(values)
  const pivot = list[orderOf(list, descending)[k]]
  const side = (sign: number) => list.filter((value) => Math.sign(compare(value, pivot, descending)) === sign)
  return [...side(-1), ...side(0), ...side(1)]
}

function parted(sample: Sample, k: number, options: { axis?: number; descending?: boolean } = {}): Case {
  const line = (values: ArrayLike<Value>) => partedLine(values, k, options.descending === true)
  const values = sample.shape.length === 1 ? line(sample.values) : alongAxis(sample, options.axis ?? -1, line)
  return {
    name: `${sample.name} at ${k} ${JSON.stringify(options)}`,
    args: () => [sample.input, k],
    options: () => options,
    expected: { values, shape: shapeOf(sample) },
  }
}
