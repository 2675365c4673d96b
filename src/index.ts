export { alloc } from './alloc.ts'
export { OffloopError } from './errors.ts'
export type { ErrorCode } from './errors.ts'
export { info } from './info.ts'
export type { Info } from './info.ts'
export { closest } from './kernels/closest.ts'
export type { Closest, ClosestOptions, Match } from './kernels/closest.ts'
export { dot } from './kernels/dot.ts'
export type { Dot, DotOptions } from './kernels/dot.ts'
export { levenshtein } from './kernels/levenshtein.ts'
export type { Levenshtein, LevenshteinOptions } from './kernels/levenshtein.ts'
export { mandelbrot } from './kernels/mandelbrot.ts'
export type { Mandelbrot, MandelbrotOptions, MandelbrotView } from './kernels/mandelbrot.ts'
export { matmul } from './kernels/matmul.ts'
export type { Matmul, MatmulOptions } from './kernels/matmul.ts'
export { mean } from './kernels/mean.ts'
export type { Mean, MeanOptions } from './kernels/mean.ts'
export { minmax } from './kernels/minmax.ts'
export type { Extremes, Minmax, MinmaxOptions } from './kernels/minmax.ts'
export { packStrings } from './kernels/pack-strings.ts'
export type { PackStrings, PackStringsOptions } from './kernels/pack-strings.ts'
export { PackedStrings } from './kernels/packed-strings.ts'
export { random } from './kernels/random.ts'
export type {
  ExponentialOptions,
  IntegerDType,
  IntegersOptions,
  NormalOptions,
  Random,
  RandomFunction,
  RandomIntegers,
  RandomPermutation,
  UniformOptions,
} from './kernels/random.ts'
export type { Extent, RandomArray, RandomOptions, RandomResult } from './kernels/random-options.ts'
export type { ArrayInput, ReductionOptions } from './kernels/reduction.ts'
export { sort } from './kernels/sort.ts'
export type { Sort, SortOptions } from './kernels/sort.ts'
export type { StringList, TextOptions } from './kernels/text.ts'
export { sum } from './kernels/sum.ts'
export type { Sum, SumOptions, SumResult } from './kernels/sum.ts'
export { variance } from './kernels/variance.ts'
export type { Variance, VarianceOptions } from './kernels/variance.ts'
export { NDArray, ndarray } from './ndarray.ts'
export type { Range } from './ndarray.ts'
export type { BackendName, Priority, TaskOptions } from './options.ts'
export { Pool } from './pool/pool.ts'
export type { PoolOptions } from './pool/pool.ts'
export type { PoolStats, Spread } from './pool/stats.ts'
export { Task } from './pool/task.ts'
export type { TaskStatus, Timing } from './pool/task.ts'
export type { BigIntArray, DType, NumberArray, TypedArray, ViewLike } from './types.ts'
