import { defineKernel } from '../kernel.ts'
import type { NDArray } from '../ndarray.ts'
import type { TaskOptions } from '../options.ts'
import type { Task } from '../pool/task.ts'
import type { TypedArray } from '../types.ts'
import { fewFields, fewValues } from './few.ts'
import { elementAt, numberAt, planReduction } from './reduction.ts'
import type { ArrayInput, BigIntInput, ReductionOptions, ReductionShape } from './reduction.ts'
import { readDdof } from './variance.ts'

/** Options of {@link describe}. */
export interface DescribeOptions extends ReductionOptions, TaskOptions {
  /**
   * Delta degrees of freedom of `variance` and `std`: the divisor is n - ddof. 0 for a population, 1 for a sample.
   * @default 0
   */
  ddof?: number | undefined
}

/** What describe tells. `T` is the type of numbers, `E` that of elements. */
export interface Description<T, E> {
  /** How many elements there are: with `skipNaN` how many are not NaN. */
  readonly count: T
  /** The arithmetic mean. */
  readonly mean: T
  /** Σ (x - mean)² / (count - ddof). */
  readonly variance: T
  /** The root of the variance. */
  readonly std: T
  /** The least element. */
  readonly min: E
  /** The greatest element. */
  readonly max: E
  /** Of the population: m3 / m2^(3/2), with mk the mean of (x - mean)^k. */
  readonly skewness: T
  /** Excess kurtosis of the population, 0 for a normal distribution: m4 / m2² - 3. */
  readonly kurtosis: T
}

/** Numbers; with `axis` NDArrays. */
export type DescribeResult<X, O> = O extends { axis: number | readonly number[] }
  ? Description<NDArray, NDArray>
  : Description<number, X extends BigIntInput ? bigint : number>

/** The type of {@link describe}. */
export interface Describe {
  <const X extends ArrayInput, const O extends DescribeOptions>(x: X, options?: O): Task<DescribeResult<X, O>>
  /** The same on the calling thread. */
  sync<const X extends ArrayInput, const O extends DescribeOptions>(x: X, options?: O): DescribeResult<X, O>
}

const shape: ReductionShape<Description<number, number | bigint>> = {
  kernel: 'describe',
  costs: { float64: 0.35, float32: 0.4, float16: 0.5, int8: 0.45, int16: 0.45, int32: 0.4, bigint: 0.55 },
  outputs: (dtype) => ['float64', dtype, dtype],
  fields: 6,
  extra: (raw) => [readDdof(raw)],
  needsElements: true,
  value: (results, dtype) =>
    description((field) => numberAt(results, field), elementAt(results, 6, dtype), elementAt(results, 7, dtype)),
  wrap: ([fields, min, max]: readonly (TypedArray | NDArray)[]) =>
    description((field) => (fields as NDArray).slice(field), min as NDArray, max as NDArray),
}

/**
 * Count, mean, variance, standard deviation, extremes, skewness and kurtosis of all elements, or along `axis`, in one
 * pass over memory: sums of four powers about a pivot near the mean, for 1,024 elements at a time, combined as Pébay
 * (2008) does. `variance`, `std`, `min` and `max` are those of the functions of these names, to the bit. Skewness and
 * kurtosis are those of the population, and NaN where all elements are equal. All but the count are NaN where an
 * element is, unless `skipNaN`. The same bits on every backend, CPU level and number of threads. Elements are taken as float64, extremes
 * of BigInt arrays excepted. Fourth powers need elements within 1e77 of their mean.
 *
 * @param x Any typed array or n-d view with at least one element (along the reduced axes).
 * @returns `{ count, mean, variance, std, min, max, skewness, kurtosis }`: numbers, `min` and `max` of BigInt arrays
 * BigInts; with `axis` NDArrays, `min` and `max` of the input's type and the others of float64.
 * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_DETACHED.
 * @example (await describe(new Float64Array([1, 2, 3, 4]))).kurtosis // -1.36
 * @function
 */
export const describe: Describe = defineKernel({
  name: 'describe',
  arity: 1,
  plan: planReduction(shape, ['x']),
  few: fewValues((x, count) => {
    const fields = fewFields(x, count)
    return description((field) => fields[field], fields[6], fields[7])
  }),
})

/** The fields in the order of the kernel, among them the extremes. */
function description<T, E>(field: (index: number) => T, min: E, max: E): Description<T, E> {
  return {
    count: field(0),
    mean: field(1),
    variance: field(2),
    std: field(3),
    min,
    max,
    skewness: field(4),
    kurtosis: field(5),
  }
}
