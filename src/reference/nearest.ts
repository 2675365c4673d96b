import type { Layout, Reference, ReferenceArguments } from './reference.ts'
import { asideOf, metric, readRows, scoreOf } from './vectors.ts'

/**
 * The k rows of inputs[1] that score best with each row of inputs[0], by the metric scalars[0]. Sums run in float64
 * whatever the dtype, scores are rounded to float32 and then ranked, ties by the lower index, NaN last.
 *
 * A block compares a chunk of the base with a tile of the queries and keeps a list of the best of each query; after a
 * round of chunks the lists are merged into the best so far.
 */
export const nearestReference: Reference = {
  prepare(args): Layout {
    const plan = planNearest(args)
    if (plan.queries === 0 || plan.k === 0) return { phases: [] }
    const merges = Math.ceil(plan.queries / mergeQueries)
    const blocks = plan.slots * plan.tiles
    return {
      phases: [{ blocks }, { blocks: merges }, { blocks: merges }],
      scratchBytes: 8 + 8 * (plan.slots * plan.queries * plan.list + plan.queries * plan.k) + 4 * plan.counts,
      blocksMost: Math.ceil(plan.chunks / plan.slots) * (blocks + merges) + merges,
    }
  },

  runBlock(args, phase, index) {
    const plan = planNearest(args)
    const memory = open(args, plan)
    if (phase === 0) return scoreChunk(args, plan, memory, index)
    const last = Math.min(plan.queries, (index + 1) * mergeQueries)
    for (let query = index * mergeQueries; query < last; query++) {
      if (phase === 1) mergeLists(plan, memory, query)
      else write(args, plan, memory, query)
    }
  },

  next(args, phase) {
    if (phase !== 1) return phase + 1
    const plan = planNearest(args)
    const { done } = open(args, plan)
    done[0] += plan.slots
    return done[0] < plan.chunks ? 0 : 2
  },
}

/**
 * How far a score of `length` elements may be off: `magnitude` is the sum of the terms' absolute values, after what a
 * metric divides by. Any order of summation, fused or not, stays within length + 1 roundings of half an epsilon; the
 * rest is for lengths of vectors (each the root of such a sum), and for two results held against one another.
 */
export function tolerance(dtype: 'float32' | 'float64', length: number, magnitude: number): number {
  const epsilon = dtype === 'float32' ? 2 ** -23 : 2 ** -52
  const smallest = dtype === 'float32' ? 2 ** -149 : 2 ** -1074
  return (2 * length + 8) * (epsilon * magnitude + smallest)
}

/** Products that a block takes: about 2 ms. */
const blockWork = 1 << 20
const tileQueries = 32
const mergeQueries = 16
const roundEntries = 1 << 22

interface NearestPlan {
  readonly by: number
  readonly queries: number
  readonly rows: number
  readonly k: number
  readonly tiles: number
  readonly chunk: number
  readonly chunks: number
  /** Chunks of a round. */
  readonly slots: number
  /** Entries of a list. */
  readonly list: number
  /** How many lists there are, the best so far included. */
  readonly counts: number
}

function planNearest({ inputs, outputs, scalars }: ReferenceArguments): NearestPlan {
  const [queries, length] = inputs[0].shape
  const [rows] = inputs[1].shape
  const [, k] = outputs[0].shape
  const tile = Math.max(1, Math.min(queries, tileQueries))
  const chunk = Math.max(1, Math.min(4096, Math.floor(blockWork / (tile * Math.max(length, 1)))))
  const chunks = Math.ceil(rows / chunk)
  const list = Math.min(k, chunk)
  const slots = Math.max(1, Math.min(chunks, Math.floor(roundEntries / Math.max(1, queries * list))))
  const tiles = Math.ceil(queries / tileQueries)
  return { by: scalars[0], queries, rows, k, tiles, chunk, chunks, slots, list, counts: queries * (slots + 1) }
}

/** Ranks (the smaller, the better) and rows: heaps with the worst entry first. */
interface Heaps {
  readonly ranks: Float32Array
  readonly indices: Uint32Array
  readonly counts: Uint32Array
  /** Room in each. */
  readonly most: number
}

interface Memory {
  /** How many chunks are done. */
  readonly done: Float64Array
  readonly lists: Heaps
  readonly best: Heaps
}

function open({ scratch }: ReferenceArguments, { queries, k, slots, list }: NearestPlan): Memory {
  let at = 8
  const take = <A>(Type: new (buffer: ArrayBufferLike, at: number, length: number) => A, length: number): A => {
    const array = new Type(scratch, at, length)
    at += length * 4
    return array
  }
  const heaps = (count: number, most: number): Heaps => ({
    ranks: take(Float32Array, count * most),
    indices: take(Uint32Array, count * most),
    counts: take(Uint32Array, count),
    most,
  })
  return { done: new Float64Array(scratch, 0, 1), lists: heaps(slots * queries, list), best: heaps(queries, k) }
}

function scoreChunk(args: ReferenceArguments, plan: NearestPlan, { done, lists, best }: Memory, index: number): void {
  const { by } = plan
  const slot = Math.floor(index / plan.tiles)
  const chunk = done[0] + slot
  if (chunk >= plan.chunks) return
  const first = chunk * plan.chunk
  const count = Math.min(plan.rows - first, plan.chunk)
  const firstQuery = (index % plan.tiles) * tileQueries
  const tile = Math.min(tileQueries, plan.queries - firstQuery)
  const queries = readRows(args.inputs[0], firstQuery, tile)
  const asides = Float64Array.from({ length: tile }, (_, i) => asideOf(by, queries, i))
  const rows = readRows(args.inputs[1], first, count)
  const sign = by <= metric.dot ? -1 : 1
  lists.counts.fill(0, slot * plan.queries + firstQuery, slot * plan.queries + firstQuery + tile)
  // What is already known to be good enough; NaN lets all pass.
  const limits = Float32Array.from({ length: tile }, (_, i) => {
    const query = firstQuery + i
    return best.counts[query] === plan.k ? best.ranks[query * plan.k] : NaN
  })
  for (let i = 0; i < count; i++) {
    const aside = asideOf(by, rows, i)
    for (let j = 0; j < tile; j++) {
      const rank = Math.fround(sign * scoreOf(by, queries, j, asides[j], rows, i, aside))
      if (!(rank > limits[j])) offer(lists, slot * plan.queries + firstQuery + j, rank, first + i)
    }
  }
}

function mergeLists(plan: NearestPlan, { done, lists, best }: Memory, query: number): void {
  const slots = Math.min(plan.slots, plan.chunks - done[0])
  for (let slot = 0; slot < slots; slot++) {
    const heap = slot * plan.queries + query
    const from = heap * lists.most
    for (let i = 0; i < lists.counts[heap]; i++) offer(best, query, lists.ranks[from + i], lists.indices[from + i])
  }
}

/** Takes the entries of a heap from the worst to the best, filling the outputs from the end. */
function write({ outputs }: ReferenceArguments, plan: NearestPlan, { best }: Memory, query: number): void {
  const [indices, scores] = outputs
  const base = query * best.most
  const similar = plan.by <= metric.dot
  for (let i = best.counts[query] - 1; i >= 0; i--) {
    const rank = best.ranks[base]
    indices.data[indices.offset + query * indices.strides[0] + i * indices.strides[1]] = best.indices[base]
    scores.data[scores.offset + query * scores.strides[0] + i * scores.strides[1]] = similar ? 0 - rank : 0 + rank
    sink(best, base, i, best.ranks[base + i], best.indices[base + i])
  }
}

/** Takes an entry in where it is among the best. */
function offer(heaps: Heaps, heap: number, rank: number, index: number): void {
  const base = heap * heaps.most
  const { ranks, indices, counts, most } = heaps
  if (counts[heap] === most) {
    if (isBefore(rank, index, ranks[base], indices[base])) sink(heaps, base, most, rank, index)
    return
  }
  let at = counts[heap]++
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (!isBefore(ranks[base + parent], indices[base + parent], rank, index)) break
    ranks[base + at] = ranks[base + parent]
    indices[base + at] = indices[base + parent]
    at = parent
  }
  ranks[base + at] = rank
  indices[base + at] = index
}

/** Puts an entry in the place of the first of `count`, and lets it sink. */
function sink({ ranks, indices }: Heaps, base: number, count: number, rank: number, index: number): void {
  let at = 0
  for (;;) {
    let child = 2 * at + 1
    if (child >= count) break
    const other = base + child + 1
    if (child + 1 < count && isBefore(ranks[other - 1], indices[other - 1], ranks[other], indices[other])) child++
    if (!isBefore(rank, index, ranks[base + child], indices[base + child])) break
    ranks[base + at] = ranks[base + child]
    indices[base + at] = indices[base + child]
    at = child
  }
  ranks[base + at] = rank
  indices[base + at] = index
}

/** Whether an entry comes before another: lower rank, NaN last, then the lower index. */
function isBefore(rank: number, index: number, otherRank: number, otherIndex: number): boolean {
  if (rank < otherRank) return true
  if (rank > otherRank) return false
  if (rank === otherRank) return index < otherIndex
  if (rank === rank) return true
  return otherRank !== otherRank && index < otherIndex
}
