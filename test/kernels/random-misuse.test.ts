import { ndarray, random } from 'offloop'
import { describe, expect, it } from 'vitest'

import type { AnyKernel } from '../helpers/lanes.ts'

const { uniform, normal, integers, exponential, permutation } = random
const f64 = new Float64Array(4)
const x = Float64Array.of(1, 2, 3, 4)

const misuse: readonly (readonly [kernel: unknown, args: readonly unknown[], message: string])[] = [
  [uniform, [], 'Expected `n` to be a length or a shape, got `undefined` (undefined)'],
  [uniform, ['5'], "Expected `n` to be a length or a shape, got `'5'` (string)"],
  [uniform, [-1], 'Expected `n` to be an integer from 0 and up, got `-1` (number)'],
  [normal, [1.5], 'Expected `n` to be an integer from 0 and up, got `1.5` (number)'],
  [normal, [[2, -3]], 'Expected `shape[1]` to be an integer from 0 and up, got `-3` (number)'],
  [normal, [5, 7], 'Expected `options` to be an object, got `7` (number)'],
  [uniform, [5, { seed: -1 }], 'Expected `seed` to be an integer from 0 and up, got `-1` (number)'],
  [uniform, [5, { seed: 2 ** 53 }], 'Expected `seed` to be an integer from 0 and up, got `9007199254740992` (number)'],
  [uniform, [5, { seed: 1n }], 'Expected `seed` to be an integer from 0 and up, got `1n` (bigint)'],
  [integers, [5, { high: 2, stream: 0.5 }], 'Expected `stream` to be an integer from 0 and up, got `0.5` (number)'],
  [permutation, [5, { seed: NaN }], 'Expected `seed` to be an integer from 0 and up, got `NaN` (number)'],
  [uniform, [5, { dtype: 'int32' }], "Expected `dtype` to be one of 'float64', 'float32', got `'int32'` (string)"],
  [uniform, [5, { low: 2 }], 'Expected `high` to be a number above `low`, which is 2, got `1` (number)'],
  [uniform, [5, { high: 0 }], 'Expected `high` to be a number above `low`, which is 0, got `0` (number)'],
  [uniform, [5, { low: Infinity }], 'Expected `low` to be a finite number, got `Infinity` (number)'],
  [uniform, [5, { high: NaN }], 'Expected `high` to be a finite number, got `NaN` (number)'],
  [
    uniform,
    [5, { low: -1e308, high: 1e308 }],
    'Expected `high` to be a number whose distance from `low` is finite, got `1e+308` (number)',
  ],
  [
    uniform,
    [5, { low: 1, high: 1 + 1e-9, dtype: 'float32' }],
    'Expected `high` to be a number above `low`, which is 1, got `1.000000001` (number)',
  ],
  [
    uniform,
    [5, { high: 1e39, dtype: 'float32' }],
    'Expected `high` to be a number whose distance from `low` is finite, got `1e+39` (number)',
  ],
  [normal, [5, { mean: '0' }], "Expected `mean` to be a finite number, got `'0'` (string)"],
  [normal, [5, { std: -1 }], 'Expected `std` to be a number from 0 and up, got `-1` (number)'],
  [normal, [5, { std: Infinity }], 'Expected `std` to be a finite number from 0 and up, got `Infinity` (number)'],
  [exponential, [5, { scale: NaN }], 'Expected `scale` to be a number from 0 and up, got `NaN` (number)'],
  [exponential, [5, { rate: 0 }], 'Expected `rate` to be a finite number above 0, got `0` (number)'],
  [exponential, [5, { rate: '1' }], "Expected `rate` to be a finite number above 0, got `'1'` (string)"],
  [exponential, [5, { rate: 1, scale: 1 }], 'Expected `rate` to be left out where `scale` is given, got `1` (number)'],
  [exponential, [5, { rate: 1e-320 }], 'Expected `rate` to be a number whose inverse is finite, got `1e-320` (number)'],
  [integers, [5], 'Expected `high` to be an integer from 1 to 2147483648, got `undefined` (undefined)'],
  [integers, [5, { high: 0 }], 'Expected `high` to be an integer from 1 to 2147483648, got `0` (number)'],
  [integers, [5, { low: 3, high: 3 }], 'Expected `high` to be an integer from 4 to 2147483648, got `3` (number)'],
  [
    integers,
    [5, { low: -129, high: 3, dtype: 'int8' }],
    'Expected `low` to be an integer from -128 to 127, got `-129` (number)',
  ],
  [integers, [5, { high: 257, dtype: 'uint8' }], 'Expected `high` to be an integer from 1 to 256, got `257` (number)'],
  [
    integers,
    [5, { low: 1 - 2 ** 53, high: 5, dtype: 'float64' }],
    'Expected `high` to be an integer from -9007199254740990 to 1, got `5` (number)',
  ],
  [
    integers,
    [5, { low: 1n, high: 5 }],
    'Expected `low` to be an integer from -2147483648 to 2147483647, got `1n` (bigint)',
  ],
  [
    integers,
    [5, { high: 2n ** 63n + 1n, dtype: 'bigint64' }],
    'Expected `high` to be a BigInt or an integer from 1 to 9223372036854775808, got `9223372036854775809n` (bigint)',
  ],
  [
    integers,
    [5, { low: 0.5, high: 9n, dtype: 'biguint64' }],
    'Expected `low` to be a BigInt or an integer from 0 to 18446744073709551615, got `0.5` (number)',
  ],
  [
    integers,
    [5, { high: '9', dtype: 'biguint64' }],
    "Expected `high` to be a BigInt or an integer from 1 to 18446744073709551616, got `'9'` (string)",
  ],
  [uniform, [5, { out: f64 }], 'Expected `out.length` to be 5, as the result has, got `4` (number)'],
  [
    uniform,
    [4, { out: new Int32Array(4) }],
    'Expected `out` to be a Float64Array or Float32Array, got `Int32Array(4) [ 0, 0, 0, 0 ]` (object)',
  ],
  [
    uniform,
    [4, { out: f64, dtype: 'float32' }],
    'Expected `out` to be a Float32Array, got `Float64Array(4) [ 0, 0, 0, 0 ]` (object)',
  ],
  [
    uniform,
    [[2, 2], { out: ndarray(f64, [2, 2]).T }],
    'Expected `out.strides` to be 2,1, as elements follow one another, got `[ 1, 2 ]` (object)',
  ],
  [permutation, [-1], 'Expected `n` to be an integer from 0 to 4294967295, got `-1` (number)'],
  [permutation, [2 ** 32], 'Expected `n` to be an integer from 0 to 4294967295, got `4294967296` (number)'],
  [
    permutation,
    [[1, 2]],
    'Expected `x` to be a typed array or an n-d view { data, shape, strides, offset }, got `[ 1, 2 ]` (object)',
  ],
  [permutation, [ndarray(x, [2, 2])], 'Expected `x.shape` to be that of an array of one axis, got `[ 2, 2 ]` (object)'],
  [
    permutation,
    [x, { out: x }],
    'Expected `out` to be memory apart from the inputs, got `Float64Array(4) [ 1, 2, 3, 4 ]` (object)',
  ],
  [
    permutation,
    [2, { out: { data: new Uint32Array(4), shape: [2], strides: [2] } }],
    'Expected `out.strides` to be 1, as elements follow one another, got `[ 2 ]` (object)',
  ],
]

describe('misuse of random functions', () => {
  it.each(misuse.map(([kernel, args, message]) => ({ kernel, args, message })))('$message', async (misused) => {
    const { args, message } = misused
    const call = misused.kernel as AnyKernel
    await expect(call(...args)).rejects.toThrow(message)
    expect(() => call.sync(...args)).toThrow(message)
    const error = await call(...args).catch((reason: unknown) => reason)
    expect(error instanceof TypeError || error instanceof RangeError).toBe(true)
  })

  it('of more elements than memory can hold', async () => {
    await expect(uniform(2 ** 52)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_MEMORY' })
  })

  it('of an array that is gone', async () => {
    const gone = new Float64Array(4)
    structuredClone(gone, { transfer: [gone.buffer] })
    await expect(permutation(gone)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_DETACHED' })
    await expect(uniform(4, { out: gone })).rejects.toMatchObject({ code: 'ERR_OFFLOOP_DETACHED' })
  })
})
