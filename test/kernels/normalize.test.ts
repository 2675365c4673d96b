import { ndarray, NDArray, normalize } from 'offloop'
import { describe, expect, it } from 'vitest'

import { checkKernel } from '../helpers/lanes.ts'
import type { Case } from '../helpers/lanes.ts'
import { classOf, fill, gather, plain, sizes, views } from '../helpers/views.ts'
import type { Strided } from '../helpers/views.ts'
import type { TypedArray } from 'offloop'

type Float = 'float32' | 'float64'
const norms = ['l1', 'l2', 'max'] as const
type NormName = (typeof norms)[number]

describe.each(['float64', 'float32'] as const)('normalizing %s', (dtype) => {
  it('is right for vectors of every size and place', async () => {
    await check(
      sizes.flatMap((size, i) => {
        const { input } = plain(dtype, size, i % 4, i % 5 === 0)
        return [normalized(dtype, input as TypedArray, norms[i % 3]), normalized(dtype, input as TypedArray)]
      }),
    )
  })

  it('is right for every view, along every axis', async () => {
    for (const { input } of views(dtype)) {
      const x = input as Strided
      await check([undefined, ...x.shape.keys()].map((axis, i) => normalized(dtype, x, norms[i % 3], axis)))
    }
  })

  it('is right for long lines side by side', async () => {
    const x = tensor(dtype, [9000, 70])
    await check([normalized(dtype, x, 'l2', 0), normalized(dtype, x, 'l1', 1), normalized(dtype, x, 'max', 0)])
    await check([
      normalized(dtype, tensor(dtype, [2, 200_001]), 'l2'),
      normalized(dtype, tensor(dtype, [140_000]), 'l1'),
    ])
  })

  it('is right in place and into `out`', async () => {
    const x = tensor(dtype, [60, 33])
    const { expected } = normalized(dtype, x)
    const copy = () => ({ ...x, data: x.data.slice() })
    const Class = classOf(dtype)
    await check([
      { name: 'in place', args: () => [copy()], options: ([input]) => ({ out: input }), expected },
      { name: 'bare', args: () => [x], options: () => ({ out: new Class(60 * 33) }), expected },
      {
        name: 'turned',
        args: () => [x],
        options: () => ({ out: ndarray(new Class(60 * 33), [33, 60]).T }),
        expected,
      },
    ])
  })

  it('leaves zeros, and gives NaN for NaN', async () => {
    const rows = [
      [0, -0, 0],
      [1, NaN, 2],
      [1, -Infinity, 2],
      [3, 0, -4],
    ]
    const data = new (classOf(dtype))(12)
    rows.flat().forEach((value, i) => (data[i] = value))
    const x = { data, shape: [4, 3], strides: [3, 1], offset: 0 }
    await check(norms.map((norm) => normalized(dtype, x, norm)))
    await check(norms.map((norm) => normalized(dtype, { ...x, shape: [3, 4], strides: [1, 3] }, norm, 0)))
    const y = await normalize(ndarray(data as Float64Array, [4, 3]))
    expect(y.toNested()).toEqual([
      [0, -0, 0],
      [NaN, NaN, NaN],
      [0, NaN, 0],
      [dtype === 'float32' ? Math.fround(0.6) : 0.6, 0, dtype === 'float32' ? Math.fround(-0.8) : -0.8],
    ])
  })
})

describe('normalizing', () => {
  it('takes the largest and the smallest numbers for numbers like others', async () => {
    for (const factor of [2 ** 1020, 2 ** 600, 2 ** -600, 2 ** -1020, 2 ** -1060]) {
      for (const length of [5, 37, 100_000]) {
        const x = new Float64Array(length)
        for (let i = 0; i < length; i++) x[i] = ((i * 7919) % 1021) * 2 ** -10 * factor
        const scaled = x.map((value) => value / factor)
        for (const norm of norms) {
          for (const backend of ['native', 'worker', 'inline'] as const) {
            const [y, z] = [await normalize(x, { norm, backend }), await normalize(scaled, { norm, backend })]
            const most = z.data.reduce((a, b) => Math.max(a, Math.abs(b)), 0)
            // What is denormal has lost digits before.
            const slack = factor === 2 ** -1060 ? 2 ** -4 : length * 2 ** -52
            const off = y.data.reduce((worst, value, i) => Math.max(worst, Math.abs(value - z.data[i])), 0)
            expect(off).toBeLessThanOrEqual(slack * most)
          }
        }
      }
    }
  })

  it('mixes huge and tiny chunks of one vector', async () => {
    const x = new Float64Array(200_000)
    x.fill(1e-200, 0, 100_000)
    x[150_000] = 3e200
    x[199_999] = 4e200
    for (const backend of ['native', 'worker', 'inline'] as const) {
      const { data } = await normalize(x, { backend })
      expect([data[0], data[150_000], data[199_999]]).toEqual([0, expect.closeTo(0.6, 15), expect.closeTo(0.8, 15)])
    }
  })

  it('gives an NDArray of the same shape and type, and `out` where one was given', async () => {
    const y = await normalize(new Float32Array([3, 4]))
    expect(y).toBeInstanceOf(NDArray)
    expect(y.shape).toEqual([2])
    expect([...y.data]).toEqual([Math.fround(0.6), Math.fround(0.8)])
    const out = ndarray(new Float64Array(2), [1, 2])
    expect(await normalize(ndarray(new Float64Array([1, 3]), [1, 2]), { norm: 'l1', out })).toBe(out)
    expect([...out.data]).toEqual([0.25, 0.75])
  })

  it('says what is wrong', () => {
    const call = normalize.sync as (...args: unknown[]) => unknown
    const x = ndarray(new Float64Array(6), [2, 3])
    expect(() => call(new Int32Array(3))).toThrow('Expected `x` to be a Float64Array or Float32Array')
    expect(() => call(x, { axis: 2 })).toThrow('Expected `axis` to be an integer from -2 to 1, got `2` (number)')
    expect(() => call(x, { norm: 'l3' })).toThrow("Expected `norm` to be one of 'l1', 'l2', 'max', got `'l3'`")
    expect(() => call(x, { out: new Float64Array(5) })).toThrow('Expected `out.length` to be 6')
  })
})

async function check(cases: Iterable<Case>): Promise<void> {
  await checkKernel(normalize, cases, false)
}

function tensor(dtype: Float, shape: readonly number[]): Strided {
  const length = shape.reduce((product, extent) => product * extent, 1)
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, extent) => product * extent, 1))
  return { data: fill(new (classOf(dtype))(length), dtype, length), shape, strides, offset: 0 }
}

/** By definition, in float64 with a compensated sum (Neumaier 1974). */
function normalized(dtype: Float, x: Strided | TypedArray, norm?: NormName, axis?: number): Case {
  const view = 'shape' in x ? x : { data: x, shape: [x.length], strides: [1], offset: 0 }
  const { shape } = view
  const along = axis ?? shape.length - 1
  const all = gather(view) as Float64Array
  const n = shape.length === 0 ? 1 : shape[along]
  const step = shape.slice(along + 1).reduce((product, extent) => product * extent, 1)
  const values = Array.from<number>({ length: all.length })
  const errors = Array.from<number>({ length: all.length })
  for (let first = 0; first < all.length; first++) {
    if (n === 0 || (shape.length > 0 && Math.floor(first / step) % n !== 0)) continue
    const places = Array.from({ length: n }, (_, i) => first + i * step)
    const by = normOf(
      places.map((at) => all[at]),
      norm ?? 'l2',
    )
    for (const at of places) {
      const value = by === 0 ? all[at] : all[at] / by
      values[at] = dtype === 'float32' ? Math.fround(value) : value
      errors[at] = tolerance(dtype, n, Math.abs(value))
    }
  }
  return {
    name: `${dtype} [${shape}] by [${view.strides}], ${norm} along ${axis}`,
    args: () => [x],
    options: () => ({ ...(norm === undefined ? {} : { norm }), ...(axis === undefined ? {} : { axis }) }),
    expected: { values, errors, shape },
  }
}

function normOf(line: readonly number[], norm: NormName): number {
  if (norm === 'max') return line.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  let sum = 0
  let rest = 0
  for (const value of line) {
    const term = norm === 'l1' ? Math.abs(value) : value * value
    const next = sum + term
    if (Number.isFinite(next)) rest += sum >= term ? sum - next + term : term - next + sum
    sum = next
  }
  return norm === 'l1' ? sum + rest : Math.sqrt(sum + rest)
}

/** As src/reference/normalize.ts has it, twice for a comparison with a definition that rounds as well. */
function tolerance(dtype: Float, n: number, magnitude: number): number {
  const [last, smallest] = dtype === 'float32' ? [2 ** -23, 2 ** -149] : [2 ** -52, 2 ** -1074]
  return ((n + 4) * 2 ** -52 + last) * magnitude + smallest
}
