import {
  argmax,
  argmin,
  describe as describeNumbers,
  dot,
  max,
  mean,
  min,
  minmax,
  norm,
  std,
  sum,
  variance,
} from 'offloop'
import { describe, expect, it } from 'vitest'

// Short calls without options stay in JavaScript; any option sends the same call to the backend.
const kernels = { argmax, argmin, describe: describeNumbers, max, mean, min, minmax, norm, std, sum, variance } as const
const elsewhere = { skipNaN: false } as const

interface Kernel {
  sync(x: Float64Array | Float32Array, options?: typeof elsewhere): unknown
}

const specials = [NaN, Infinity, -Infinity, 0, -0, 5e-324, -5e-324, 1e308, -1e308, 1, -1]

function values(count: number, seed: number): number[] {
  let state = seed * 2654435761 + 1
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return (state / 2 ** 32 - 0.5) * 10 ** ((state % 7) - 3)
  })
}

/** Plain numbers, then those with a special one somewhere, then nothing but specials. */
function* inputs(): Generator<number[]> {
  for (let count = 1; count <= 258; count++) {
    const plain = values(count, count)
    yield plain
    for (const special of specials) yield plain.with((count * 7) % count, special).with(count >> 1, special)
    yield plain.map((_, i) => specials[(i * 5 + count) % specials.length])
    yield plain.map((_, i) => (i % 2 === count % 2 ? 0 : -0))
  }
}

describe.each([Float64Array, Float32Array])('few elements of a %o', (Type) => {
  it.each(Object.entries(kernels) as [string, Kernel][])('%s gives the same bits as on its backend', (_, kernel) => {
    for (const numbers of inputs()) {
      const x = Type.from(numbers)
      expect(kernel.sync(x), `[${numbers}]`).toEqual(kernel.sync(x, elsewhere))
    }
  })

  it('dot gives the same bits as on its backend', () => {
    for (const numbers of inputs()) {
      const a = Type.from(numbers)
      const b = Type.from(values(numbers.length, 99))
      expect(dot.sync(a, b), `[${numbers}]`).toEqual(dot.sync(a, b, elsewhere))
    }
  })
})

describe('few elements', () => {
  it('are checked as many are', () => {
    const x = new Float64Array(3)
    expect(() => dot.sync(x, new Float64Array(4))).toThrow('b.shape')
    expect(() => dot.sync(x, new Float32Array(3) as never)).toThrow(TypeError)
    expect(() => min.sync(new Float64Array(0))).toThrow(RangeError)
    expect(() => (sum.sync as (...args: unknown[]) => unknown)()).toThrow(TypeError)
    expect(() => (dot.sync as (...args: unknown[]) => unknown)(x)).toThrow(TypeError)
    expect(() => (sum.sync as (...args: unknown[]) => unknown)([1, 2])).toThrow(TypeError)
  })

  it('of a detached array are missed', () => {
    const x = new Float64Array(8)
    structuredClone(x, { transfer: [x.buffer] })
    expect(() => sum.sync(x)).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_DETACHED' }))
  })
})
