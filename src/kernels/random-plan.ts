import { checkAtLeast, checkFinite, checkInteger } from '../check.ts'
import { rangeMisuse, typeMisuse } from '../errors.ts'
import { isContiguous, NDArray } from '../ndarray.ts'
import { checkOut, readInput, viewOf } from '../plan.ts'
import type { Planned } from '../plan.ts'
import { bytesPerElement, isBigInt, newArray } from '../typed-array.ts'
import type { DType, TypedArray } from '../types.ts'
import { readDType, readSeed, readTarget } from './random-options.ts'
import type { Target } from './random-options.ts'

// As in native/kernels/random_plan.h and src/reference/random.ts.
const kinds = { uniform: 0, normal: 1, integers: 2, exponential: 3, permutation: 4 } as const
const methods = { multiply: 0, word: 1, mask: 2 } as const

const floats = ['float64', 'float32'] as const
const integers = [
  'int32',
  'uint32',
  'int8',
  'uint8',
  'uint8clamped',
  'int16',
  'uint16',
  'float64',
  'bigint64',
  'biguint64',
] as const

/** An option of a random function, whatever it holds. */
type Raw = Readonly<Record<string, unknown>>

export function planUniform([extent]: readonly unknown[], raw: object): Planned<unknown> {
  const options = raw as Raw
  const dtype = readDType(options, floats)
  const round = dtype === 'float32' ? Math.fround : (x: number) => x
  const low = round(options.low === undefined ? 0 : checkFinite('low', options.low))
  const high = round(options.high === undefined ? 1 : checkFinite('high', options.high))
  const range = round(high - low)
  if (!(range > 0)) throw rangeMisuse('high', `a number above \`low\`, which is ${low}`, options.high ?? high)
  if (range === Infinity) throw rangeMisuse('high', `a number whose distance from \`low\` is finite`, options.high)
  const target = readTarget(extent, options, dtype)
  return planned(kinds.uniform, [low, range, below(high, dtype)], target, options, dtype === 'float32' ? 0.4 : 0.7)
}

export function planNormal([extent]: readonly unknown[], raw: object): Planned<unknown> {
  const options = raw as Raw
  const dtype = readDType(options, floats)
  const mean = options.mean === undefined ? 0 : checkFinite('mean', options.mean)
  const std = options.std === undefined ? 1 : checkPositive('std', options.std, true)
  return planned(kinds.normal, [mean, std], readTarget(extent, options, dtype), options, 2)
}

export function planExponential([extent]: readonly unknown[], raw: object): Planned<unknown> {
  const options = raw as Raw
  const dtype = readDType(options, floats)
  const { scale, rate } = options
  if (scale !== undefined && rate !== undefined) throw rangeMisuse('rate', 'left out where `scale` is given', rate)
  let factor = scale === undefined ? 1 : checkPositive('scale', scale, true)
  if (rate !== undefined) factor = 1 / checkPositive('rate', rate, false)
  if (factor === Infinity) throw rangeMisuse('rate', 'a number whose inverse is finite', rate)
  return planned(kinds.exponential, [factor], readTarget(extent, options, dtype), options, 2)
}

export function planIntegers([extent]: readonly unknown[], raw: object): Planned<unknown> {
  const options = raw as Raw
  const dtype = readDType(options, integers)
  const range = isBigInt(dtype) ? bigRange(options, dtype) : numberRange(options, dtype)
  const { most } = range
  const method = most[1] > 0 ? methods.mask : most[0] === 0xffffffff ? methods.word : methods.multiply
  const scalars = [method, ...most, ...range.low]
  const cost = method === methods.mask ? 3 : 0.6
  return planned(kinds.integers, scalars, readTarget(extent, options, dtype), options, cost)
}

/** The lower and the upper word of 64 bits, two's complement. */
type Words = readonly [low: number, high: number]

/** `low` and how far the greatest integer is above it. */
function numberRange({ low, high }: Raw, dtype: DType): { low: Words; most: Words } {
  const [least, most] = limitsOf(dtype)
  const from = low === undefined ? 0 : checkInteger('low', low, least, most)
  const to = checkInteger('high', high, from + 1, Math.min(most + 1, from + 2 ** 53))
  return { low: wordsOf(from), most: wordsOf(to - from - 1) }
}

function wordsOf(integer: number): Words {
  return [integer >>> 0, Math.floor(integer / 2 ** 32) >>> 0]
}

/** The least and the greatest integer of a dtype; of float64 those between which it has every one. */
function limitsOf(dtype: DType): [least: number, most: number] {
  if (dtype === 'float64') return [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER - 1]
  const count = 2 ** (8 * bytesPerElement(dtype))
  return dtype.startsWith('uint') ? [0, count - 1] : [-count / 2, count / 2 - 1]
}

function bigRange({ low, high }: Raw, dtype: DType): { low: Words; most: Words } {
  const least = dtype === 'bigint64' ? -(2n ** 63n) : 0n
  const most = least + 2n ** 64n - 1n
  const from = low === undefined ? 0n : checkBig('low', low, least, most)
  const to = checkBig('high', high, from + 1n, most + 1n)
  return { low: wordsOfBig(from), most: wordsOfBig(to - from - 1n) }
}

function wordsOfBig(integer: bigint): Words {
  return [Number(BigInt.asUintN(32, integer)), Number(BigInt.asUintN(32, integer >> 32n))]
}

/** Integers may be given as numbers too, as long as those are exact. */
function checkBig(name: string, value: unknown, least: bigint, most: bigint): bigint {
  const what = `a BigInt or an integer from ${least} to ${most}`
  if (typeof value !== 'bigint' && typeof value !== 'number') throw typeMisuse(name, what, value)
  if (typeof value === 'number' && !Number.isSafeInteger(value)) throw rangeMisuse(name, what, value)
  const integer = BigInt(value)
  if (integer < least || integer > most) throw rangeMisuse(name, what, value)
  return integer
}

const mostPermuted = 2 ** 32 - 1

export function planPermutation([x]: readonly unknown[], raw: object): Planned<unknown> {
  const options = raw as Raw
  if (typeof x === 'number') {
    const n = checkInteger('n', x, 0, mostPermuted)
    return planned(kinds.permutation, [], readTarget(n, options, 'uint32'), options, permuteCost(n))
  }
  const { view, isArray } = readInput('x', x)
  if (view.shape.length !== 1) throw rangeMisuse('x.shape', 'that of an array of one axis', view.shape)
  const [n] = view.shape
  if (n > mostPermuted) throw rangeMisuse('x.length', `at most ${mostPermuted}`, n)
  const target = { ...permuteTarget(view.dtype, n, isArray, options.out, [view]) }
  return planned(kinds.permutation, [], target, options, permuteCost(n), [view])
}

function permuteTarget(
  dtype: DType,
  n: number,
  isArray: boolean,
  out: unknown,
  inputs: Parameters<typeof checkOut>[4],
): Target {
  if (out === undefined) {
    const data = newArray(dtype, n, 'random')
    return { view: viewOf(data, dtype, [n]), fresh: true, given: isArray ? data : new NDArray(data, [n]) }
  }
  const { view, given } = checkOut('out', out, dtype, [n], inputs, false)
  if (!isContiguous(view.shape, view.strides)) {
    throw rangeMisuse('out.strides', 'those of elements that follow one another', view.strides)
  }
  return { view, fresh: false, given }
}

/** Nanoseconds an element: drawing and exchanging, and from many on dealing to buckets as well. */
function permuteCost(n: number): number {
  return n <= 32768 ? 2 : 5
}

function planned(
  kind: number,
  scalars: readonly number[],
  target: Target,
  options: Raw,
  elementCost: number,
  inputs: readonly Target['view'][] = [],
): Planned<TypedArray | NDArray> {
  const { seed, stream } = readSeed(options)
  const { view, given } = target
  return {
    plan: {
      kernel: 'random',
      inputs,
      outputs: [view],
      scalars: [kind, seed, stream, ...scalars],
      freshOutputs: target.fresh,
      cost: 200 + view.shape[0] * elementCost,
    },
    seed,
    value: () => given,
  }
}

const double = new Float64Array(1)
const doubleBits = new BigInt64Array(double.buffer)
const single = new Float32Array(1)
const singleBits = new Int32Array(single.buffer)

/** The greatest number below `x`. */
function below(x: number, dtype: DType): number {
  if (dtype === 'float32') {
    if (x === 0) return -(2 ** -149)
    single[0] = x
    singleBits[0] += x > 0 ? -1 : 1
    return single[0]
  }
  if (x === 1) return 1 - 2 ** -53
  if (x === 0) return -Number.MIN_VALUE
  double[0] = x
  doubleBits[0] += x > 0 ? -1n : 1n
  return double[0]
}

function checkPositive(name: string, value: unknown, orZero: boolean): number {
  const number = orZero ? checkAtLeast(name, value, 0) : value
  if (typeof number !== 'number') throw typeMisuse(name, 'a finite number above 0', value)
  if (!Number.isFinite(number) || (!orZero && number <= 0)) {
    throw rangeMisuse(name, orZero ? 'a finite number from 0 and up' : 'a finite number above 0', value)
  }
  return number
}
