import { bincountReference } from './bincount.ts'
import { cumprodReference } from './cumprod.ts'
import { cumsumReference } from './cumsum.ts'
import { diffReference } from './diff.ts'
import { argsortReference } from './argsort.ts'
import { dotReference } from './dot.ts'
import { levenshteinReference } from './levenshtein.ts'
import { histogramReference } from './histogram.ts'
import { mandelbrotReference } from './mandelbrot.ts'
import { matmulReference } from './matmul.ts'
import { meanReference } from './mean.ts'
import { minmaxReference } from './minmax.ts'
import { nbodyReference } from './nbody.ts'
import { primesReference } from './primes.ts'
import { quantileReference } from './quantile.ts'
import { partitionReference } from './partition.ts'
import { rankReference } from './rank.ts'
import { searchsortedReference } from './searchsorted.ts'
import { topkReference } from './topk.ts'
import { uniqueReference } from './unique.ts'
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
  argsort: argsortReference,
  quantile: quantileReference,
  partition: partitionReference,
  rank: rankReference,
  searchsorted: searchsortedReference,
  topk: topkReference,
  unique: uniqueReference,
}
