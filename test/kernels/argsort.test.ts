import { argsort, ndarray, NDArray } from 'offloop'
import { describe, expect, it } from 'vitest'

import { checkKernel } from '../helpers/lanes.ts'
import type { Case } from '../helpers/lanes.ts'
import { alongAxis, fewSizes, longest, longSamples, orderOf, patterns, plain, shapeOf } from '../helpers/order.ts'
import { axesOf, dtypes, views } from '../helpers/views.ts'
import type { Sample } from '../helpers/views.ts'

describe.each(dtypes)('the order of %s', (dtype) => {
  it('is right for every size and place', async () => {
    await checkKernel(
      argsort,
      fewSizes.map((size, i) => ordered(plain(dtype, size, i % 4, i % 5 === 0), { descending: i % 2 === 1 })),
    )
  })

  it('is right for every view, along every axis', async () => {
    for (const view of views(dtype)) {
      await checkKernel(
        argsort,
        axesOf(view).map((axis, i) =>
          ordered(view, { ...(axis === undefined ? {} : { axis }), descending: i % 2 === 1 }),
        ),
      )
    }
  })

  it('is right for every pattern', async () => {
    await checkKernel(
      argsort,
      [100, 5000].flatMap((length) =>
        patterns(dtype, length).map((sample, i) => ordered(sample, { descending: (length + i) % 2 === 1 })),
      ),
    )
  })
})

describe('an argsort', () => {
  it.each(['float64', 'uint32'] as const)('of long lines of %s is right', async (dtype) => {
    const samples = longSamples(dtype)
    await checkKernel(
      argsort,
      samples.map((sample, i) => ordered(sample, { descending: i % 2 === 0 })),
    )
  })

  it('of several long lines, of which one needs more than a round, is right', async () => {
    const n = longest + 1
    const samples = patterns('float64', n).filter(({ name }) => /noise|clusters|in order$/.test(name))
    const data = new Float64Array(samples.length * n)
    samples.forEach(({ input }, i) => data.set(input as Float64Array, i * n))
    const input = ndarray(data, [samples.length, n])
    await checkKernel(argsort, [
      {
        name: 'long lines',
        args: () => [input],
        expected: { values: samples.flatMap(({ values }) => orderOf(values)), shape: [samples.length, n] },
      },
    ])
  })

  it('keeps the order of equals, also descending, and takes `stable`', async () => {
    const x = new Float64Array([2, 1, 2, NaN, 1, NaN])
    expect([...(await argsort(x))]).toEqual([1, 4, 0, 2, 3, 5])
    expect([...(await argsort(x, { descending: true, stable: true }))]).toEqual([0, 2, 1, 4, 3, 5])
    expect([...(await argsort(x, { stable: false }))]).toEqual([1, 4, 0, 2, 3, 5])
  })

  it('puts -0 before +0, and after it when descending', async () => {
    const x = new Float64Array([0, -0, 0, -0])
    expect([...(await argsort(x))]).toEqual([1, 3, 0, 2])
    expect([...(await argsort(x, { descending: true }))]).toEqual([0, 2, 1, 3])
  })

  it('goes into `out`, whatever strides that has', async () => {
    const x = new Float32Array([3, 1, 2])
    const out = new Uint32Array(3)
    expect(await argsort(x, { out })).toBe(out)
    expect([...out]).toEqual([1, 2, 0])
    const shaped = ndarray(new Uint32Array(6).fill(9), [3], [-2], 5)
    const result: unknown = await argsort(x, { out: shaped })
    expect(result).toBe(shaped)
    expect([...shaped.data]).toEqual([9, 0, 9, 2, 9, 1])
    expect(await argsort(ndarray(x, [3, 1]))).toBeInstanceOf(NDArray)
  })

  it('says what is wrong', async () => {
    const x = new Float64Array(4)
    await expect(argsort(x, { stable: 1 as never })).rejects.toThrow(
      'Expected `stable` to be a boolean, got `1` (number)',
    )
    await expect(argsort(x, { axis: 1 })).rejects.toThrow(
      'Expected `axis` to be an integer from -1 to 0, got `1` (number)',
    )
    await expect(argsort(x, { out: new Uint32Array(3) })).rejects.toThrow('Expected `out.length` to be 4')
    await expect(argsort(x, { out: new Uint32Array(x.buffer, 0, 4) })).rejects.toThrow('memory apart from the inputs')
    expect(() => argsort.sync([1] as never)).toThrow(TypeError)
  })
})

function ordered(sample: Sample, options: { axis?: number; descending?: boolean } = {}): Case {
  const line = (values: ArrayLike<number | bigint>) => orderOf(values, options.descending)
  const values = sample.shape.length === 1 ? line(sample.values) : alongAxis(sample, options.axis ?? -1, line)
  return {
    name: `${sample.name} ${JSON.stringify(options)}`,
    args: () => [sample.input],
    options: () => options,
    expected: { values, shape: shapeOf(sample) },
  }
}
