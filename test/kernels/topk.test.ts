import { ndarray, topk } from 'offloop'
import { describe, expect, it } from 'vitest'

import { checkKernel } from '../helpers/lanes.ts'
import type { Case } from '../helpers/lanes.ts'
import { fewSizes, longest, longSamples, orderOf, patterns, plain } from '../helpers/order.ts'
import { dtypes, isStrided, rowMajor, views } from '../helpers/views.ts'
import type { Sample, Value } from '../helpers/views.ts'

describe.each(dtypes)('the best of %s', (dtype) => {
  it('are right for every size and number', async () => {
    const cases = fewSizes.flatMap((size, i) => {
      const sample = plain(dtype, size, i % 4, i % 5 === 0)
      const numbers = [...new Set([0, Math.min(size, 1), size >> 4, size])]
      return numbers.map((k, j) => chosen(sample, k, { largest: (i + j) % 2 === 1 }))
    })
    await checkKernel(topk, cases)
  })

  it('are right for every view, along every axis', async () => {
    for (const view of views(dtype)) {
      const cases = [...view.shape.keys()].map((axis) => chosen(view, Math.min(view.shape[axis], 3), { axis }))
      await checkKernel(topk, [chosen(view, Math.min(view.shape.at(-1) ?? 1, 1)), ...cases])
    }
  })

  it('are right for every pattern', async () => {
    await checkKernel(
      topk,
      patterns(dtype, 9000).map((sample, i) => chosen(sample, 10 + 60 * i)),
    )
  })
})

describe('the best', () => {
  it.each(['float64', 'bigint64'] as const)('of long lines of %s are right', async (dtype) => {
    const samples = longSamples(dtype)
    const numbers = [1, 10, 1000, 30_000, 40_000]
    await checkKernel(
      topk,
      samples.map((sample, i) => chosen(sample, numbers[i % 5], { largest: i % 3 !== 0 })),
    )
  })

  it('of several long lines are right', async () => {
    const data = Float64Array.from({ length: 3 * (longest + 3) }, (_, i) => (i * 7919) % 100_003)
    const { values, indices } = await topk(ndarray(data, [3, longest + 3]), 100)
    for (let row = 0; row < 3; row++) {
      const line = data.subarray(row * (longest + 3), (row + 1) * (longest + 3))
      const best = orderOf(line, true).slice(0, 100)
      expect([...indices.data.subarray(row * 100, row * 100 + 100)]).toEqual(best)
      expect([...values.data.subarray(row * 100, row * 100 + 100)]).toEqual(best.map((i) => line[i]))
    }
  })

  it('have NaN among them only where there are too few numbers', async () => {
    const { values, indices } = await topk(new Float64Array([NaN, 1, NaN, 3]), 3)
    expect([...values]).toEqual([3, 1, NaN])
    expect([...indices]).toEqual([3, 1, 0])
  })

  it('say what is wrong', async () => {
    const x = new Float64Array(4)
    await expect(topk(x, 5)).rejects.toThrow('Expected `k` to be an integer from 0 to 4, got `5` (number)')
    await expect(topk(x, 1, { largest: 'yes' as never })).rejects.toThrow('Expected `largest` to be a boolean')
  })
})

function chosen(sample: Sample, k: number, options: { axis?: number; largest?: boolean } = {}): Case {
  const { input, values } = sample
  const shape = sample.shape.length === 0 ? [1] : sample.shape
  const axis = options.axis ?? shape.length - 1
  const step = rowMajor(shape)[axis]
  const made = shape.map((extent, other) => (other === axis ? k : extent))
  const best: Value[] = []
  const indices: number[] = []
  const starts = Array.from({ length: values.length }, (_, i) => i).filter(
    (i) => Math.floor(i / step) % shape[axis] === 0,
  )
  starts.forEach((start, at) => {
    const line = Array.from({ length: shape[axis] }, (_, i) => values[start + i * step])
    const first = Math.floor(at / step) * k * step + (at % step)
    orderOf(line, options.largest !== false)
      .slice(0, k)
      .forEach((index, i) => {
        best[first + i * step] = line[index]
        indices[first + i * step] = index
      })
  })
  return {
    name: `${sample.name}, ${k} ${JSON.stringify(options)}`,
    args: () => [input, k],
    options: () => options,
    expected: { values: [...best, ...indices], shape: isStrided(input) ? made : undefined },
  }
}
