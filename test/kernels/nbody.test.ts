import { nbody, ndarray, NDArray } from 'offloop'
import { describe, expect, it } from 'vitest'

import { unit } from '../helpers/exact.ts'
import { checkKernel } from '../helpers/lanes.ts'
import type { Case } from '../helpers/lanes.ts'
import { PairSum } from '../helpers/scans.ts'
import { random } from '../helpers/views.ts'

type FloatArray = Float32Array | Float64Array

interface Bodies {
  readonly positions: FloatArray
  readonly masses: FloatArray
}

function bodies(n: number, Class: Float32ArrayConstructor | Float64ArrayConstructor = Float64Array): Bodies {
  const next = random(n + 1)
  const positions = new Class(3 * n).map(() => next() / 2 ** 31 - 1)
  return { positions, masses: new Class(n).map(() => next() / 2 ** 32) }
}

/** Term by term, added to twice the precision. A term has at most 8 roundings here and 16 in the kernel. */
function attracted(
  { positions, masses }: Bodies,
  { G = 1, softening = 0 }: { G?: number; softening?: number } = {},
): Case['expected'] {
  const n = masses.length
  const values: number[] = []
  const errors: number[] = []
  const isSingle = positions instanceof Float32Array
  for (let i = 0; i < n; i++) {
    const sums = [new PairSum(), new PairSum(), new PairSum()]
    const sizes = [0, 0, 0]
    for (let j = 0; j < n; j++) {
      const apart = [0, 1, 2].map((axis) => positions[3 * j + axis] - positions[3 * i + axis])
      const square = apart[0] ** 2 + apart[1] ** 2 + apart[2] ** 2 + softening ** 2
      if (square === 0 || square === Infinity) continue
      const pull = (G * masses[j]) / (square * Math.sqrt(square))
      apart.forEach((distance, axis) => {
        sums[axis].add(pull * distance)
        sizes[axis] += Math.abs(pull * distance)
      })
    }
    sums.forEach(({ value }, axis) => {
      values.push((isSingle ? Math.fround(value) : value) + 0)
      errors.push((n + 24) * unit * sizes[axis] + (isSingle ? 2 ** -23 * Math.abs(value) : 0))
    })
  }
  return { values, errors, shape: [n, 3] }
}

describe('accelerations', () => {
  it('are right for every number of bodies around vectors and rows', async () => {
    const counts = [0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 127, 130, 300]
    for (const Class of [Float64Array, Float32Array]) {
      await checkKernel(
        nbody,
        counts.map((n): Case => {
          const { positions, masses } = bodies(n, Class)
          return {
            name: `${n} bodies of ${Class.name}`,
            args: () => [positions, masses],
            expected: attracted({ positions, masses }),
          }
        }),
        false,
      )
    }
  })

  it('know the constant, the softening and many bodies', async () => {
    const cases: readonly (readonly [number, { G?: number; softening?: number }])[] = [
      [50, { G: 6.6743e-11 }],
      [50, { softening: 0.1, G: -2 }],
      [1100, { softening: 1e-3 }],
    ]
    await checkKernel(
      nbody,
      cases.map(([n, options]): Case => {
        const { positions, masses } = bodies(n)
        return {
          name: `${n} ${JSON.stringify(options)}`,
          args: () => [positions, masses],
          options: () => options,
          expected: attracted({ positions, masses }, options),
        }
      }),
      false,
    )
  })

  it('are the same with any number of threads, also beyond one tile', async () => {
    const { positions, masses } = bodies(9000)
    const one = await nbody(positions, masses, { threads: 1, softening: 0.01 })
    const two = await nbody(positions, masses, { threads: 2, softening: 0.01 })
    expect(two.data).toEqual(one.data)
    const sample = [0, 1, 4095, 8191, 8192, 8999]
    for (const i of sample) {
      let sum = 0
      let size = 0
      for (let j = 0; j < 9000; j++) {
        const [dx, dy, dz] = [0, 1, 2].map((axis) => positions[3 * j + axis] - positions[3 * i + axis])
        const square = dx * dx + dy * dy + dz * dz + 1e-4
        const term = (masses[j] / (square * Math.sqrt(square))) * dx
        sum += term
        size += Math.abs(term)
      }
      expect(Math.abs(one.at(i, 0) - sum)).toBeLessThanOrEqual(2 * 9016 * unit * size)
    }
  })

  it('read views as they lie, and write them', async () => {
    const { positions, masses } = bodies(70)
    const expected = attracted({ positions, masses })
    const columns = new Float64Array(210)
    for (let i = 0; i < 70; i++) for (let axis = 0; axis < 3; axis++) columns[axis * 70 + i] = positions[3 * i + axis]
    const doubled = new Float32Array(140).map((_, i) => Math.fround(masses[i >> 1]))
    const singles = { positions, masses: Float64Array.from(masses, Math.fround) }
    await checkKernel(
      nbody,
      [
        {
          name: 'columns, backwards into',
          args: () => [{ data: columns, shape: [70, 3], strides: [1, 70] }, masses],
          options: () => ({ out: ndarray(new Float64Array(210), [70, 3], [-3, 1], 207) }),
          expected,
        },
        {
          name: 'every other mass',
          args: () => [ndarray(positions, [70, 3]), ndarray(doubled, [70], [2])],
          expected: attracted(singles),
        },
      ],
      false,
    )
    const out = new Float64Array(210)
    const result = await nbody(positions as Float64Array, masses, { out })
    expect(result).toBeInstanceOf(NDArray)
    expect(result.data).toBe(out)
  })

  it('of bodies in one place, or infinitely far, are nothing; NaN spreads', async () => {
    for (const backend of ['native', 'inline'] as const) {
      const same = await nbody(new Float64Array([1, 2, 3, 1, 2, 3]), new Float64Array([5, 6]), { backend })
      expect(same.toNested()).toEqual([
        [0, 0, 0],
        [0, 0, 0],
      ])
      const far = await nbody(new Float64Array([0, 0, 0, 1e200, 0, 0, 2, 0, 0]), new Float64Array([1, 1, 4]), {
        backend,
      })
      expect(far.at(0, 0)).toBe(1)
      const lost = await nbody(new Float64Array([0, 0, 0, NaN, 0, 0]), new Float64Array([1, 1]), { backend })
      expect(lost.at(0, 0)).toBeNaN()
    }
    expect((await nbody(new Float64Array([0, 0, 0, 2, 0, 0]), new Float64Array([1, 4]))).toNested()).toEqual([
      [1, 0, 0],
      [-0.25, 0, 0],
    ])
  })

  it('refuse what makes no sense, in words', async () => {
    const m = new Float64Array(2)
    await expect(nbody(new Float64Array(5), m)).rejects.toThrow('Expected `positions.length` to be a multiple of 3')
    await expect(nbody(ndarray(new Float64Array(4), [2, 2]), m)).rejects.toThrow(
      'Expected `positions.shape` to be [n, 3]',
    )
    await expect(nbody(new Float64Array(9), m)).rejects.toThrow(
      'Expected `masses.shape` to be [3], a mass for each body',
    )
    await expect(nbody(new Int8Array(6) as never, m)).rejects.toThrow(
      'Expected `positions` to be a Float64Array or Float32Array',
    )
    await expect(nbody(new Float64Array(6), m, { softening: -1 })).rejects.toThrow(
      'Expected `softening` to be a number from 0',
    )
    await expect(nbody(new Float64Array(6), m, { G: Infinity })).rejects.toThrow('Expected `G` to be a finite number')
    const x = new Float64Array(6)
    await expect(nbody(x, m, { out: x })).rejects.toThrow('Expected `out` to be memory apart from the inputs')
  })
})
