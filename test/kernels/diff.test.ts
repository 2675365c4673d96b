import { diff, ndarray } from 'offloop'
import { describe, expect, it } from 'vitest'

import { checkKernel } from '../helpers/lanes.ts'
import type { Case } from '../helpers/lanes.ts'
import { resultClass, scan } from '../helpers/scans.ts'
import type { DefineScan } from '../helpers/scans.ts'
import { axesOf, classOf, dtypes, isFloat, plain, sizes, views } from '../helpers/views.ts'
import type { Sample, TestDType } from '../helpers/views.ts'

/** One round after another, each rounded to the type of the result. */
function define(order: number): DefineScan {
  return (line, dtype) => {
    // Of other types than these the numbers become float64, of these each round gives their own again.
    const Class = resultClass(dtype)
    let values = new Class(line.length)
    for (let i = 0; i < line.length; i++) values[i] = line[i] as never
    for (let round = 0; round < order && values.length > 0; round++) {
      const next = new Class(values.length - 1)
      for (let i = 0; i < next.length; i++) next[i] = ((values[i + 1] as number) - (values[i] as number)) as never
      values = next
    }
    return { values, errors: new Float64Array(values.length) }
  }
}

function differences(dtype: TestDType, sample: Sample, order: number, options: { axis?: number } = {}): Case {
  const { name, options: rest, ...others } = scan(define(order), dtype, sample, options)
  return { ...others, name: `${name} of order ${order}`, options: () => ({ ...rest?.([]), order }) }
}

describe.each(dtypes)('differences of %s', (dtype) => {
  it('are exact for every size and place', async () => {
    await checkKernel(
      diff,
      sizes.flatMap((size, i) => {
        const sample = plain(dtype, size, i % 4, i % 5 === 0)
        return [differences(dtype, sample, 1), differences(dtype, sample, 1 + (i % 4))]
      }),
    )
  })

  it('are exact for every view, along every axis', async () => {
    for (const view of views(dtype).filter(({ shape }) => shape.length > 0)) {
      await checkKernel(
        diff,
        axesOf(view).map((axis, i) => differences(dtype, view, 1 + (i % 3), axis === undefined ? {} : { axis })),
      )
    }
  })

  it('go into `out`', async () => {
    const sample = plain(dtype, 20_003)
    const { expected } = differences(dtype, sample, 2)
    const length = expected.values.length
    const Class = resultClass(dtype)
    await checkKernel(diff, [
      {
        name: 'every other element, backwards',
        args: () => [sample.input],
        options: () => ({
          order: 2,
          out: ndarray(new Class(2 * length) as Float64Array, [length], [-2], 2 * length - 1),
        }),
        expected,
      },
    ])
  })
})

describe('differences', () => {
  it('are exact for a large array, and of high order', async () => {
    await checkKernel(diff, [
      differences('float64', plain('float64', 2_200_001, 1), 1),
      differences('float64', plain('float64', 3000), 256),
      differences('float64', plain('float64', 256), 256),
      differences('int8', plain('int8', 5000), 40),
    ])
  })

  it('know NaN, infinities and zeros', async () => {
    const list = [NaN, 1, Infinity, Infinity, -Infinity, 0, -0, 0, 5e-324, 0, 65504, -65504, 3e38, -3e38]
    for (const dtype of dtypes.filter(isFloat)) {
      const input = new (classOf(dtype))(list.length)
      input.set(list as never)
      await checkKernel(diff, [differences(dtype, { name: 'specials', input, shape: [list.length], values: input }, 1)])
    }
  })

  it('give the type that holds them', async () => {
    expect(await diff(new Uint8Array([200, 100]))).toEqual(new Float64Array([-100]))
    expect(await diff(new Float32Array([1, 3, 2]), { order: 2 })).toEqual(new Float32Array([-3]))
    expect(await diff(new BigUint64Array([2n, 1n]))).toEqual(new BigUint64Array([2n ** 64n - 1n]))
    expect(await diff(new Float64Array(2), { order: 5 })).toEqual(new Float64Array(0))
    expect((await diff(ndarray(new Int8Array([1, 2, 4, 8]), [2, 2]), { axis: 0 })).toNested()).toEqual([[3, 6]])
    expect(diff.sync(new Float64Array([1, 4, 9]))).toEqual(new Float64Array([3, 5]))
  })

  it('refuse what they can not do, in words', async () => {
    const x = new Float64Array(4)
    await expect(diff(ndarray(x, []))).rejects.toThrow('Expected `x.shape` to be that of at least one axis, got `[]`')
    await expect(diff(x, { order: 0 })).rejects.toThrow(
      'Expected `order` to be an integer from 1 to 256, got `0` (number)',
    )
    await expect(diff(x, { out: x.subarray(1) })).rejects.toThrow('Expected `out` to be memory apart from the inputs')
    await expect(diff(x, { out: new Float64Array(4) })).rejects.toThrow(
      'Expected `out.length` to be 3, as the result has',
    )
  })
})
