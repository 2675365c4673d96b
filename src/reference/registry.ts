import { argminReference } from './argmin.ts'
import { argsortReference } from './argsort.ts'
import { bincountReference } from './bincount.ts'
import { convolveReference } from './convolve.ts'
import { cumprodReference } from './cumprod.ts'
import { cumsumReference } from './cumsum.ts'
import { describeReference } from './describe.ts'
import { diffReference } from './diff.ts'
import { dotReference } from './dot.ts'
import { fftReference } from './fft.ts'
import { gramReference } from './gram.ts'
import { hashReference } from './hash.ts'
import { histogramReference } from './histogram.ts'
import { kmeansReference } from './kmeans.ts'
import { levenshteinReference } from './levenshtein.ts'
import { mandelbrotReference } from './mandelbrot.ts'
import { matmulReference } from './matmul.ts'
import { meanReference } from './mean.ts'
import { minmaxReference } from './minmax.ts'
import { nbodyReference } from './nbody.ts'
import { nearestReference } from './nearest.ts'
import { normReference } from './norm.ts'
import { normalizeReference } from './normalize.ts'
import { pairwiseReference } from './pairwise.ts'
import { partitionReference } from './partition.ts'
import { primesReference } from './primes.ts'
import { quantileReference } from './quantile.ts'
import { randomReference } from './random.ts'
import { rankReference } from './rank.ts'
import type { Reference } from './reference.ts'
import { searchsortedReference } from './searchsorted.ts'
import { sortReference } from './sort.ts'
import { sumReference } from './sum.ts'
import { topkReference } from './topk.ts'
import { transposeReference } from './transpose.ts'
import { uniqueReference } from './unique.ts'
import { varianceReference } from './variance.ts'

/** Every kernel in plain JavaScript, by name: the same names as native/kernels/kernels.def. */
export const references: Readonly<Record<string, Reference>> = {
  sum: sumReference,
  mean: meanReference,
  variance: varianceReference,
  minmax: minmaxReference,
  dot: dotReference,
  sort: sortReference,
  matmul: matmulReference,
  mandelbrot: mandelbrotReference,
  convolve: convolveReference,
  transpose: transposeReference,
  gram: gramReference,
  normalize: normalizeReference,
  fft: fftReference,
  levenshtein: levenshteinReference,
  cumsum: cumsumReference,
  cumprod: cumprodReference,
  histogram: histogramReference,
  bincount: bincountReference,
  diff: diffReference,
  primes: primesReference,
  nbody: nbodyReference,
  random: randomReference,
  argmin: argminReference,
  norm: normReference,
  describe: describeReference,
  hash: hashReference,
  argsort: argsortReference,
  quantile: quantileReference,
  partition: partitionReference,
  topk: topkReference,
  unique: uniqueReference,
  searchsorted: searchsortedReference,
  rank: rankReference,
  nearest: nearestReference,
  pairwise: pairwiseReference,
  kmeans: kmeansReference,
}
