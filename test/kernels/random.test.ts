import { createCipheriv } from 'node:crypto'

import { NDArray, ndarray, random } from 'offloop'
import type { IntegerDType, Task } from 'offloop'
import { describe, expect, it } from 'vitest'

import { chachaGroup } from '../../src/reference/chacha.ts'
import { checkKernel } from '../helpers/lanes.ts'
import type { Case } from '../helpers/lanes.ts'
import {
  chacha,
  integers,
  permutation,
  standardExponential,
  standardNormal,
  uniform32,
  uniform64,
} from '../helpers/random.ts'

/** Around nothing, groups of words, pieces and blocks. */
const sizes = [0, 1, 2, 3, 7, 8, 9, 15, 17, 64, 127, 128, 129, 255, 257, 1000, 1023, 1024, 1025, 3001, 65537]
const seeds = [
  { seed: 0, stream: 0 },
  { seed: 2 ** 53 - 1, stream: 2 ** 53 - 1 },
  { seed: 123456789, stream: 2 ** 40 + 5 },
] as const

const of = (n: number, expected: Case['expected'], options: object): Case => ({
  name: `${n} ${JSON.stringify(options, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))}`,
  args: () => [n],
  options: () => options,
  expected,
})

/** For arrays too long to be compared and shown element by element. */
const sameBits = (a: { buffer: ArrayBufferLike }, b: { buffer: ArrayBufferLike }): boolean =>
  Buffer.from(a.buffer).equals(Buffer.from(b.buffer))

describe('ChaCha', () => {
  it('of the tests is the published one, with 8 rounds and with 20', () => {
    // draft-strombergson-chacha-test-vectors-01, TC1: key and nonce of zeros, 8 rounds, 256 bits.
    const input = Uint32Array.from([0x61707865, 0x3320646e, 0x79622d32, 0x6b206574, ...new Array<number>(12).fill(0)])
    const hex = (words: Uint32Array) => Buffer.from(words.buffer).toString('hex')
    expect(hex(chacha(input, 8))).toBe(
      '3e00ef2f895f40d67f5bb8e81f09a5a12c840ec3ce9a7f3b181be188ef711a1e' +
        '984ce172b9216f419f445367456d5619314a42a3da86b001387bfdb80e0cfe42',
    )
    input[12] = 1
    expect(hex(chacha(input, 8))).toBe(
      'd2aefa0deaa5c151bf0adb6c01f2a5adc0fd581259f9a2aadcf20f8fd566a26b' +
        '5032ec38bbc5da98ee0c6f568b872a65a08abf251deb21bb4b56e5d8821e68aa',
    )
    const words = input.map((word, i) => (i < 4 ? word : Math.imul(i, 0x9e3779b9)))
    const key = Buffer.from(words.buffer, 16, 32)
    const start = Buffer.from(words.buffer, 48, 16)
    const known = createCipheriv('chacha20', key, start).update(Buffer.alloc(64)).toString('hex')
    expect(hex(chacha(words, 20))).toBe(known)
  })

  it('of the reference is the same', () => {
    const state = Int32Array.from({ length: 16 }, (_, i) => Math.imul(i + 1, 0x9e3779b9))
    const low = Int32Array.from({ length: 16 }, (_, lane) => -lane * lane)
    const high = Int32Array.from({ length: 16 }, (_, lane) => lane << 28)
    const words = new Uint32Array(256)
    chachaGroup(state, low, high, 16, words, 0)
    for (let lane = 0; lane < 16; lane++) {
      const input = Uint32Array.from(state)
      input[12] = low[lane]
      input[13] = high[lane]
      expect(words.filter((_, i) => i % 16 === lane)).toEqual(chacha(input, 8))
    }
  })
})

describe('random.uniform', () => {
  it('is its definition at every size', async () => {
    await checkKernel(
      random.uniform,
      sizes.flatMap((n) => [
        of(n, { values: uniform64({ n, ...seeds[n % 3] }) }, seeds[n % 3]),
        of(n, { values: uniform32({ n, ...seeds[n % 3] }) }, { ...seeds[n % 3], dtype: 'float32' }),
      ]),
    )
  })

  it('is scaled by one multiplication and one addition, and stays below high', async () => {
    const scaled = (low: number, high: number) => {
      const last = low < 0 ? -Number.MIN_VALUE : Infinity
      const values = uniform64({ n: 2000, ...seeds[2] }).map((u) => Math.min(low + u * (high - low), last))
      return of(2000, { values }, { ...seeds[2], low, high })
    }
    const f = Math.fround
    const scaled32 = (low: number, high: number) => {
      const range = f(f(high) - f(low))
      const values = uniform32({ n: 2000, ...seeds[2] }).map((u) => f(f(low) + f(f(u) * range)))
      return of(2000, { values }, { ...seeds[2], low, high, dtype: 'float32' })
    }
    await checkKernel(random.uniform, [
      scaled(-1, 0),
      scaled(2.5, 1e300),
      scaled(1e-310, 3e-310),
      scaled32(-0.1, 0.1),
      scaled32(10, 1e30),
    ])
  })

  it('never gives high, however the scaling rounds', async () => {
    for (const backend of ['native', 'inline'] as const) {
      const x = await random.uniform(10000, { seed: 1, low: 1, high: 1 + 2 ** -52, backend })
      expect(new Set(x)).toEqual(new Set([1]))
      const below = await random.uniform(10000, { seed: 1, low: -5e-324, high: 0, backend })
      expect(new Set(below)).toEqual(new Set([-5e-324]))
      const y = await random.uniform(10000, { seed: 1, low: 1, high: 1 + 2 ** -22, dtype: 'float32', backend })
      expect(new Set(y)).toEqual(new Set([1, 1 + 2 ** -23]))
      const z = await random.uniform(10000, { seed: 1, low: -(2 ** -149), high: 0, dtype: 'float32', backend })
      expect(new Set(z)).toEqual(new Set([-(2 ** -149)]))
    }
  })
})

describe('random.normal and random.exponential', () => {
  // The engine's exp and log are within 1 ulp, as ours are; edges come out of 256 steps of them.
  const near = (values: Float64Array, scale = 1) => ({
    values,
    errors: values.map((x) => 2 ** -44 * Math.abs(x) + 2 ** -52 * scale),
  })

  it('are their definitions at every size', async () => {
    for (const [kernel, define] of [
      [random.normal, standardNormal],
      [random.exponential, standardExponential],
    ] as const) {
      await checkKernel(
        kernel,
        sizes.map((n) => of(n, near(define({ n, ...seeds[n % 3] })), seeds[n % 3])),
      )
    }
  })

  it('are scaled', async () => {
    const n = 2000
    const normal = standardNormal({ n, ...seeds[1] })
    const exponential = standardExponential({ n, ...seeds[1] })
    await checkKernel(random.normal, [
      of(n, near(normal.map((z) => 100 + 0.5 * z)), { ...seeds[1], mean: 100, std: 0.5 }),
      of(n, near(normal.map(() => -3)), { ...seeds[1], mean: -3, std: 0 }),
    ])
    await checkKernel(random.exponential, [
      of(n, near(exponential.map((x) => 7 * x)), { ...seeds[1], scale: 7 }),
      of(n, near(exponential.map((x) => x / 7)), { ...seeds[1], rate: 7 }),
      of(n, { values: exponential.map(() => 0) }, { ...seeds[1], scale: 0 }),
    ])
  })

  it('round to float32', async () => {
    for (const kernel of [random.normal, random.exponential]) {
      const values = Float32Array.from(await kernel(5001, { seed: 3 }))
      await checkKernel(kernel, [of(5001, { values: Float64Array.from(values) }, { seed: 3, dtype: 'float32' })])
    }
  })
})

describe('random.integers', () => {
  const ranges = (n: number, list: readonly (readonly [bigint, bigint, IntegerDType])[]): Case[] =>
    list.map(([low, high, dtype]) => {
      const big = dtype.startsWith('big')
      const exact = integers({ n, ...seeds[0] }, low, high - low)
      const bounds = big ? { low, high } : { low: Number(low), high: Number(high) }
      return of(n, { values: big ? exact : exact.map(Number) }, { ...seeds[0], ...bounds, dtype })
    })

  it('are their definition at every size', async () => {
    await checkKernel(
      random.integers,
      sizes.flatMap((n) =>
        ranges(n, [
          [0n, 6n, 'int32'],
          [-7n, 2n ** 40n, 'float64'],
        ]),
      ),
    )
  })

  it('are so in every dtype and range, where half of the draws are refused too', async () => {
    const [i31, i32, i63, i64] = [31n, 32n, 63n, 64n].map((bits) => 2n ** bits)
    await checkKernel(
      random.integers,
      ranges(3000, [
        [0n, 1n, 'int32'],
        [-i31, i31, 'int32'],
        [-i31, 1n, 'int32'],
        [i31 - 1n, i31, 'int32'],
        [0n, i32, 'uint32'],
        [0n, i31 + 1n, 'uint32'],
        [5n, i32 - 3n, 'uint32'],
        [-128n, 128n, 'int8'],
        [0n, 100n, 'uint8'],
        [3n, 256n, 'uint8clamped'],
        [-30000n, 32768n, 'int16'],
        [0n, 65536n, 'uint16'],
        [-5n, i32 - 5n, 'float64'],
        [-5n, i32 - 4n, 'float64'],
        [1n - 2n ** 53n, 0n, 'float64'],
        [0n, 2n ** 52n + 1n, 'float64'],
        [-100n, 3n, 'bigint64'],
        [-i63, i63, 'bigint64'],
        [-1n, i63, 'bigint64'],
        [0n, i64, 'biguint64'],
        [i63, i63 + 1n, 'biguint64'],
        [i63 - 1n, i64, 'biguint64'],
      ]),
    )
  })

  it('do not depend on the dtype', async () => {
    const options = { seed: 8, low: 3, high: 90 }
    const first = await random.integers(100, options)
    expect(first).toBeInstanceOf(Int32Array)
    for (const dtype of ['uint8', 'int16', 'float64', 'bigint64'] as const) {
      expect(Array.from(await random.integers(100, { ...options, dtype }), Number)).toEqual([...first])
    }
  })
})

describe('random.permutation', () => {
  const order = (n: number, i: number): Case => of(n, { values: permutation({ n, ...seeds[i % 3] }) }, seeds[i % 3])

  it('is its definition at every size', async () => {
    await checkKernel(random.permutation, [...sizes, 32767, 32768, 32769, 131072, 131073, 300_001].map(order))
  })

  it('moves the elements of an array of any type as it moves their indices', async () => {
    for (const n of [0, 1, 2, 1000, 70_001]) {
      const p = permutation({ n, ...seeds[1] })
      const numbers = Float64Array.from({ length: n }, (_, i) => (i * 37) % 251)
      for (const Type of [Uint8Array, Int16Array, Float32Array, Float64Array]) {
        const x = Type.from(numbers)
        const values = p.map((i) => x[i])
        await checkKernel(random.permutation, [
          { name: `${Type.name}[${n}]`, args: () => [x], options: () => seeds[1], expected: { values } },
        ])
        expect(x).toEqual(Type.from(numbers))
      }
      const big = BigUint64Array.from(numbers, BigInt)
      const values = BigUint64Array.from(p, (i) => big[i])
      await checkKernel(random.permutation, [
        { name: `BigUint64Array[${n}]`, args: () => [big], options: () => seeds[1], expected: { values } },
      ])
    }
  })

  it('reads strided, misaligned and shared arrays', async () => {
    const n = 40_000
    const p = permutation({ n, ...seeds[0] })
    const shared = new Float64Array(new SharedArrayBuffer(16 * n + 8), 8).map((_, i) => i)
    const views = [
      { data: shared, shape: [n], strides: [2] },
      { data: shared, shape: [n], strides: [-2], offset: 2 * n - 1 },
      { data: shared, shape: [n], strides: [0], offset: 5 },
    ]
    await checkKernel(
      random.permutation,
      views.map((view) => ({
        name: JSON.stringify(view.strides),
        args: () => [view],
        options: () => seeds[0],
        expected: { values: p.map((i) => (view.offset ?? 0) + i * view.strides[0]), shape: [n] },
      })),
    )
    expect(await random.permutation(shared.subarray(3, 3 + n), seeds[0])).toEqual(Float64Array.from(p, (i) => i + 3))
  })
})

describe('every random function', () => {
  const bounded = (n: number | number[], options: object) => random.integers(n, { ...options, high: 1000 })
  const kernels = {
    uniform: random.uniform,
    normal: random.normal,
    exponential: random.exponential,
    integers: bounded,
  } as unknown as Record<string, (n: number | number[], options: object) => Task<Float64Array & NDArray>>

  it.each(Object.entries(kernels))('%s gives the beginning of a longer array for a shorter one', async (_, kernel) => {
    for (const backend of ['native', 'inline'] as const) {
      const long = await kernel(150_000, { seed: 4, backend })
      for (const n of [1, 100, 1024, 65_536, 100_001]) {
        expect(sameBits(await kernel(n, { seed: 4, backend }), long.slice(0, n)), `${n}`).toBe(true)
      }
    }
  })

  it.each(Object.entries(kernels))('%s gives an NDArray for a shape', async (_, kernel) => {
    const flat = await kernel(24, { seed: 2 })
    const shaped = await kernel([2, 3, 4], { seed: 2 })
    expect(shaped).toBeInstanceOf(NDArray)
    expect(shaped.shape).toEqual([2, 3, 4])
    expect(shaped.data).toEqual(flat)
    expect((await kernel([], { seed: 2 })).toNested()).toBe(flat[0])
    expect((await kernel([3, 0], {})).size).toBe(0)
  })

  it('goes into `out`, whose dtype decides', async () => {
    const out = new Float32Array(1000)
    expect(await random.normal(1000, { seed: 1, out })).toBe(out)
    expect(out).toEqual(await random.normal(1000, { seed: 1, dtype: 'float32' }))
    const matrix = ndarray(new Float64Array(14), [3, 4], undefined, 1)
    expect(await random.uniform([3, 4], { seed: 1, out: matrix })).toBe(matrix)
    expect(matrix.toTypedArray()).toEqual(await random.uniform(12, { seed: 1 }))
    expect(matrix.data[0] + matrix.data[13]).toBe(0)
    const bare = new Float64Array(6)
    const seen = await random.uniform([2, 3], { seed: 1, out: bare })
    expect(seen.shape).toEqual([2, 3])
    expect(seen.data).toBe(bare)
    const bytes = new Uint8Array(new SharedArrayBuffer(101), 1)
    expect(await random.integers(100, { seed: 1, high: 200, out: bytes })).toBe(bytes)
    const order = new Uint32Array(5)
    expect(await random.permutation(5, { seed: 1, out: order })).toBe(order)
    expect(order.toSorted()).toEqual(Uint32Array.of(0, 1, 2, 3, 4))
  })

  it('goes around the cache into large arrays that begin anywhere', async () => {
    const n = 2 ** 21 + 77
    const expected = await random.uniform(n, { seed: 9 })
    for (const skip of [1, 3, 6]) {
      const out = new Float64Array(n + skip + 1).subarray(skip, n + skip)
      const got = await random.uniform(n, { seed: 9, out })
      expect(Buffer.from(got.buffer, out.byteOffset, 8 * n).equals(Buffer.from(expected.buffer))).toBe(true)
      expect(out.buffer.byteLength).toBe(8 * (n + skip + 1))
    }
    expect(sameBits(expected, await random.uniform(n, { seed: 9, backend: 'inline' }))).toBe(true)
  })

  it('draws a seed where none is given, and tells it', async () => {
    const task = random.uniform(5)
    const first = await task
    expect(Number.isSafeInteger(task.seed)).toBe(true)
    expect(await random.uniform(5, { seed: task.seed as number })).toEqual(first)
    const large = random.normal(100_000)
    const second = await large
    expect(await random.normal(100_000, { seed: large.seed as number })).toEqual(second)
    const seen = new Set(Array.from({ length: 1000 }, () => random.uniform(1).seed))
    expect(seen.size).toBe(1000)
    expect(random.uniform.sync(3)).not.toEqual(random.uniform.sync(3))
    expect(random.uniform(1, { seed: 77 }).seed).toBe(77)
  })

  it('has numbers of its own for each seed, stream and function', async () => {
    const first = await random.uniform(64, { seed: 1 })
    for (const other of [{ seed: 2 }, { seed: 1, stream: 1 }, { seed: 2 ** 32 + 1 }, { seed: 1, stream: 2 ** 32 }]) {
      const numbers = new Set(await random.uniform(64, other))
      expect(first.filter((x) => numbers.has(x))).toEqual(new Float64Array(0))
    }
    const wide = await random.integers(64, { seed: 1, high: 2 ** 53 - 1, dtype: 'float64' })
    expect(first.some((x) => Math.floor(x * 2 ** 53) === wide[0])).toBe(false)
  })
})
