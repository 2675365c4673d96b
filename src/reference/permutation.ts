import type { TypedArray } from '../types.ts'
import { domains, fillWords, groupWords, MoreDraws, stateOf } from './draws.ts'
import { upperWord } from './multiply.ts'
import type { Layout, ReferenceArguments } from './reference.ts'

/** Up to this many elements are shuffled in one piece. */
const mostWhole = 32768
/** Buckets have about this many elements, or down to half as many. */
const bucketElements = 16384
const mostBucketBits = 14
const bucketsPerBlock = 64
/** Halves of the words of a group: each chooses the bucket of an element. */
const groupHalves = 2 * groupWords

interface PermutationPlan {
  readonly n: number
  /** Buckets are 2 ** bits. */
  readonly bits: number
  readonly buckets: number
  readonly chunk: number
  readonly chunks: number
}

function planPermutation({ outputs }: ReferenceArguments): PermutationPlan {
  const n = outputs[0].shape[0]
  let bits = 0
  if (n > mostWhole) while (bits < mostBucketBits && bucketElements * 2 ** bits < n) bits++
  const buckets = 2 ** bits
  const chunk = Math.max(65536, 16 * buckets)
  return { n, bits, buckets, chunk, chunks: Math.ceil(n / chunk) }
}

/**
 * A random permutation: 0 to n - 1, or the elements of the input. Each element goes to a bucket of its own random
 * choice, keeping its order there; then each bucket is shuffled by itself (Rao 1961, Sandelius 1962; in parallel:
 * Sanders, "Random Permutations on Distributed, External and Hierarchical Memory", 1998). The phases are those of
 * native/kernels/random_permute.h.
 */
export function preparePermutation(args: ReferenceArguments): Layout {
  const plan = planPermutation(args)
  if (plan.n === 0) return { phases: [] }
  if (plan.bits === 0) return { phases: [{ blocks: 1 }] }
  return {
    phases: [
      { blocks: plan.chunks },
      { blocks: Math.ceil(plan.buckets / bucketsPerBlock) },
      { blocks: 1 },
      { blocks: plan.chunks },
      { blocks: plan.buckets },
    ],
    scratchBytes: 4 * (plan.chunks + 2) * plan.buckets,
  }
}

export function permutationBlock(args: ReferenceArguments, phase: number, index: number): void {
  const plan = planPermutation(args)
  if (plan.bits === 0) return shuffleWhole(args, plan)
  switch (phase) {
    case 0:
      return count(args, plan, index)
    case 1:
      return addColumns(args, plan, index)
    case 2:
      return placeBuckets(args, plan)
    case 3:
      return deal(args, plan, index)
    default:
      return shuffleBucket(args, plan, index)
  }
}

/** By chunk: how many of its elements go to each bucket; later: where the next one goes, from the bucket's start. */
function countsOf({ scratch }: ReferenceArguments, { buckets }: PermutationPlan, chunk: number): Uint32Array {
  return new Uint32Array(scratch, 4 * buckets * chunk, buckets)
}

/** By bucket: its size. */
function totalsOf({ scratch }: ReferenceArguments, { buckets, chunks }: PermutationPlan): Uint32Array {
  return new Uint32Array(scratch, 4 * buckets * chunks, buckets)
}

/** By bucket: its first place in the output. */
function startsOf({ scratch }: ReferenceArguments, { buckets, chunks }: PermutationPlan): Uint32Array {
  return new Uint32Array(scratch, 4 * buckets * (chunks + 1), buckets)
}

/** Calls back with every element of a chunk and its bucket. */
function forEachElement(
  args: ReferenceArguments,
  { n, bits, chunk }: PermutationPlan,
  index: number,
  visit: (element: number, bucket: number) => void,
): void {
  const state = stateOf(args, domains.buckets)
  const words = new Uint32Array(groupWords)
  const last = Math.min(n, (index + 1) * chunk)
  for (let first = index * chunk; first < last; first += groupHalves) {
    fillWords(state, first / groupHalves, 1, words)
    const end = Math.min(groupHalves, last - first)
    for (let i = 0; i < end; i++) {
      const half = (words[i >>> 1] >>> (16 * (i & 1))) & 0xffff
      visit(first + i, half >>> (16 - bits))
    }
  }
}

function count(args: ReferenceArguments, plan: PermutationPlan, chunk: number): void {
  const counts = countsOf(args, plan, chunk).fill(0)
  forEachElement(args, plan, chunk, (_, bucket) => {
    counts[bucket]++
  })
}

function addColumns(args: ReferenceArguments, plan: PermutationPlan, index: number): void {
  const totals = totalsOf(args, plan)
  const last = Math.min(plan.buckets, (index + 1) * bucketsPerBlock)
  totals.fill(0, index * bucketsPerBlock, last)
  for (let chunk = 0; chunk < plan.chunks; chunk++) {
    const counts = countsOf(args, plan, chunk)
    for (let bucket = index * bucketsPerBlock; bucket < last; bucket++) {
      const before = totals[bucket]
      totals[bucket] += counts[bucket]
      counts[bucket] = before
    }
  }
}

function placeBuckets(args: ReferenceArguments, plan: PermutationPlan): void {
  const totals = totalsOf(args, plan)
  const starts = startsOf(args, plan)
  let start = 0
  for (let bucket = 0; bucket < plan.buckets; bucket++) {
    starts[bucket] = start
    start += totals[bucket]
  }
}

function deal(args: ReferenceArguments, plan: PermutationPlan, chunk: number): void {
  const starts = startsOf(args, plan)
  const next = countsOf(args, plan, chunk)
  const [{ data, offset }] = args.outputs
  const to = data as Float64Array
  if (args.inputs.length === 0) {
    forEachElement(args, plan, chunk, (element, bucket) => {
      to[offset + starts[bucket] + next[bucket]++] = element
    })
    return
  }
  const [{ data: from, offset: start, strides }] = args.inputs
  forEachElement(args, plan, chunk, (element, bucket) => {
    to[offset + starts[bucket] + next[bucket]++] = from[start + element * strides[0]] as number
  })
}

function shuffleBucket(args: ReferenceArguments, plan: PermutationPlan, bucket: number): void {
  shuffle(args, args.outputs[0].offset + startsOf(args, plan)[bucket], totalsOf(args, plan)[bucket], bucket)
}

function shuffleWhole(args: ReferenceArguments, { n }: PermutationPlan): void {
  const [{ data, offset }] = args.outputs
  const to = data as Float64Array
  if (args.inputs.length === 0) {
    for (let i = 0; i < n; i++) to[offset + i] = i
  } else {
    const [{ data: from, offset: start, strides }] = args.inputs
    for (let i = 0; i < n; i++) to[offset + i] = from[start + i * strides[0]] as number
  }
  shuffle(args, offset, n, 0)
}

/** Exchanges each element with one that is not after it (Fisher and Yates 1938; Durstenfeld 1964). */
function shuffle(args: ReferenceArguments, at: number, size: number, bucket: number): void {
  const state = stateOf(args, domains.swaps)
  const more = new MoreDraws(state)
  const words = new Uint32Array(groupWords)
  const data: TypedArray = args.outputs[0].data
  const elements = data as Float64Array
  for (let i = 1; i < size; i++) {
    if (i === 1 || i % groupWords === 0) fillWords(state, bucket * 2 ** 24 + Math.floor(i / groupWords), 1, words)
    let word = words[i % groupWords]
    // A draw that would favour some places is drawn again (Lemire 2019).
    if (Math.imul(word, i + 1) >>> 0 <= i) {
      const threshold = 2 ** 32 % (i + 1)
      if (Math.imul(word, i + 1) >>> 0 < threshold) more.open(i, bucket)
      while (Math.imul(word, i + 1) >>> 0 < threshold) word = more.next32()
    }
    const j = upperWord(word, i + 1)
    const moved = elements[at + i]
    elements[at + i] = elements[at + j]
    elements[at + j] = moved
  }
}
