import { correlate, ndarray } from 'offloop'
import { describe, expect, it } from 'vitest'

import { convolution, signal } from '../helpers/convolution.ts'
import type { Float, Mode } from '../helpers/convolution.ts'
import { checkKernel } from '../helpers/lanes.ts'

const floats: readonly Float[] = ['float64', 'float32']
const modes: readonly (Mode | undefined)[] = ['full', 'same', 'valid', undefined]

describe.each(floats)('the correlation of %s', (dtype) => {
  it('is right for signals, the longer first or last', async () => {
    const pairs = [
      [1, 1],
      [5, 2],
      [2, 5],
      [64, 64],
      [100, 33],
      [33, 100],
      [1000, 8],
    ]
    const cases = pairs.flatMap(([n, m]) =>
      modes.map((mode) => convolution(dtype, signal(dtype, [n]), signal(dtype, [m], 2), mode, false)),
    )
    await checkKernel(correlate, cases, false)
  })

  it('is right for pictures', async () => {
    const pairs = [
      [
        [1, 1],
        [1, 1],
      ],
      [
        [20, 33],
        [3, 4],
      ],
      [
        [3, 4],
        [20, 33],
      ],
      [
        [70, 90],
        [8, 5],
      ],
    ]
    const cases = pairs.flatMap(([x, kernel]) =>
      modes.map((mode) => convolution(dtype, signal(dtype, x), signal(dtype, kernel, 2), mode, false)),
    )
    await checkKernel(correlate, cases, false)
  })
})

describe('the correlation', () => {
  it("is NumPy's", async () => {
    const x = new Float64Array([1, 2, 3])
    const k = new Float64Array([0, 1, 0.5])
    expect([...(await correlate(x, k))]).toEqual([0.5, 2, 3.5, 3, 0])
    expect([...(await correlate(x, k, { mode: 'same' }))]).toEqual([2, 3.5, 3])
    expect([...(await correlate(x, k, { mode: 'valid' }))]).toEqual([3.5])
  })

  it('finds where a picture lies in another', async () => {
    const picture = signal('float32', [40, 50])
    const part = ndarray(picture.data as Float32Array, [5, 7], [50, 1], 12 * 50 + 30)
    const score = await correlate(picture as typeof part, part, { mode: 'valid' })
    expect(score.shape).toEqual([36, 44])
    const energy = part.toTypedArray().reduce((sum, value) => sum + value * value, 0)
    expect(score.at(12, 30)).toBeCloseTo(energy, 3)
  })
})
