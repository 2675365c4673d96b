export { alloc } from './alloc.ts'
export { OffloopError } from './errors.ts'
export type { ErrorCode } from './errors.ts'
export { info } from './info.ts'
export type { Info } from './info.ts'
export { argmax } from './kernels/argmax.ts'
export { argmin } from './kernels/argmin.ts'
export type { Arg, ArgOptions, ArgResult } from './kernels/argmin.ts'
export { argsort } from './kernels/argsort.ts'
export type { Argsort, ArgsortOptions, IndexResult } from './kernels/argsort.ts'
export { bincount } from './kernels/bincount.ts'
export type { Bincount, BincountOptions } from './kernels/bincount.ts'
export { closest } from './kernels/closest.ts'
export type { Closest, ClosestOptions, Match } from './kernels/closest.ts'
export type { Convolution, ConvolveOptions } from './kernels/convolution.ts'
export { convolve } from './kernels/convolve.ts'
export { correlate } from './kernels/correlate.ts'
export { cumprod } from './kernels/cumprod.ts'
export type { Cumprod, CumprodOptions } from './kernels/cumprod.ts'
export { cumsum } from './kernels/cumsum.ts'
export type { Cumsum, CumsumOptions } from './kernels/cumsum.ts'
export { describe } from './kernels/describe.ts'
export type { Describe, DescribeOptions, DescribeResult, Description } from './kernels/describe.ts'
export { diff } from './kernels/diff.ts'
export type { Diff, DiffOptions } from './kernels/diff.ts'
export { dot } from './kernels/dot.ts'
export type { Dot, DotOptions } from './kernels/dot.ts'
export { fft } from './kernels/fft.ts'
export type { Fft } from './kernels/fft.ts'
export { gram } from './kernels/gram.ts'
export type { Gram, GramOptions } from './kernels/gram.ts'
export { hash } from './kernels/hash.ts'
export type {
  Digest,
  Hash,
  HashAlgorithm,
  HashBytes,
  HashOptions,
  HashOutput,
  HashResult,
  HashStream,
} from './kernels/hash.ts'
export { histogram } from './kernels/histogram.ts'
export type { Histogram, HistogramOptions, HistogramResult } from './kernels/histogram.ts'
export { ifft } from './kernels/ifft.ts'
export type { Ifft } from './kernels/ifft.ts'
export { irfft } from './kernels/irfft.ts'
export type { Irfft } from './kernels/irfft.ts'
export { levenshtein } from './kernels/levenshtein.ts'
export type { Levenshtein, LevenshteinOptions } from './kernels/levenshtein.ts'
export { mandelbrot } from './kernels/mandelbrot.ts'
export type { Mandelbrot, MandelbrotOptions, MandelbrotView } from './kernels/mandelbrot.ts'
export { matmul } from './kernels/matmul.ts'
export type { Matmul, MatmulOptions } from './kernels/matmul.ts'
export { max } from './kernels/max.ts'
export { mean } from './kernels/mean.ts'
export type { Mean, MeanOptions } from './kernels/mean.ts'
export { median } from './kernels/median.ts'
export type { Median, MedianResult } from './kernels/median.ts'
export { min } from './kernels/min.ts'
export type { Extreme, ExtremeOptions, ExtremeResult } from './kernels/min.ts'
export { minmax } from './kernels/minmax.ts'
export type { Extremes, Minmax, MinmaxOptions } from './kernels/minmax.ts'
export { nbody } from './kernels/nbody.ts'
export type { Nbody, NbodyOptions } from './kernels/nbody.ts'
export { norm } from './kernels/norm.ts'
export type { Norm, NormOptions } from './kernels/norm.ts'
export { normalize } from './kernels/normalize.ts'
export type { Normalize, NormalizeOptions } from './kernels/normalize.ts'
export { packStrings } from './kernels/pack-strings.ts'
export type { PackStrings, PackStringsOptions } from './kernels/pack-strings.ts'
export { PackedStrings } from './kernels/packed-strings.ts'
export { partition } from './kernels/partition.ts'
export type { Partition, PartitionOptions } from './kernels/partition.ts'
export { primes } from './kernels/primes.ts'
export type { Primes } from './kernels/primes.ts'
export { quantile } from './kernels/quantile.ts'
export type {
  Fractions,
  MedianOptions,
  Quantile,
  QuantileMethod,
  QuantileOptions,
  QuantileResult,
} from './kernels/quantile.ts'
export type { Extent, RandomArray, RandomOptions, RandomResult } from './kernels/random-options.ts'
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
export { rank } from './kernels/rank.ts'
export type { Rank, RankMethod, RankOptions, RankResult } from './kernels/rank.ts'
export type { ArrayInput, ReductionOptions } from './kernels/reduction.ts'
export { rfft } from './kernels/rfft.ts'
export type { Rfft } from './kernels/rfft.ts'
export type { ScanOptions, ScanResult } from './kernels/scan.ts'
export { searchsorted } from './kernels/searchsorted.ts'
export type { Searchsorted, SearchsortedOptions } from './kernels/searchsorted.ts'
export { sort } from './kernels/sort.ts'
export type { ArrayResult, Sort, SortOptions } from './kernels/sort.ts'
export type { FftOptions } from './kernels/spectrum.ts'
export { std } from './kernels/std.ts'
export type { Std, StdOptions } from './kernels/std.ts'
export { sum } from './kernels/sum.ts'
export type { Sum, SumOptions, SumResult } from './kernels/sum.ts'
export type { StringList, TextOptions } from './kernels/text.ts'
export { topk } from './kernels/topk.ts'
export type { Best, Topk, TopkOptions } from './kernels/topk.ts'
export { transpose } from './kernels/transpose.ts'
export type { Transpose, TransposeOptions } from './kernels/transpose.ts'
export { unique } from './kernels/unique.ts'
export type { Unique, UniqueOptions, UniqueResult } from './kernels/unique.ts'
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
