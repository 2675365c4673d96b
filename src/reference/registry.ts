import { argminReference } from './argmin.ts'
import { bincountReference } from './bincount.ts'
import { cumprodReference } from './cumprod.ts'
import { cumsumReference } from './cumsum.ts'
import { describeReference } from './describe.ts'
import { diffReference } from './diff.ts'
import { dotReference } from './dot.ts'
import { histogramReference } from './histogram.ts'
import { levenshteinReference } from './levenshtein.ts'
import { kmeansReference } from './kmeans.ts'
import { mandelbrotReference } from './mandelbrot.ts'
import { matmulReference } from './matmul.ts'
import { meanReference } from './mean.ts'
import { minmaxReference } from './minmax.ts'
import { nbodyReference } from './nbody.ts'
import { normReference } from './norm.ts'
import { primesReference } from './primes.ts'
import { randomReference } from './random.ts'
import { nearestReference } from './nearest.ts'
import { pairwiseReference } from './pairwise.ts'
import type { Reference } from './reference.ts'
import { sortReference } from './sort.ts'
import { sumReference } from './sum.ts'
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
  nearest: nearestReference,
  pairwise: pairwiseReference,
  kmeans: kmeansReference,
}
