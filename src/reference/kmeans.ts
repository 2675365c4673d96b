import type { View } from '../types.ts'
import type { Layout, Reference, ReferenceArguments } from './reference.ts'
import { readRows, squaredDistance } from './vectors.ts'
import type { Rows } from './vectors.ts'

/**
 * Lloyd's algorithm from k-means++ or given centroids, all sums in float64. The phases are those of
 * native/kernels/kmeans_plan.h, but that means are made by one block. Draws are the same; what they pick depends on
 * distances, which may round otherwise than in C++.
 */
export const kmeansReference: Reference = {
  prepare(args): Layout {
    const plan = planKmeans(args)
    const { rowBlocks, assignBlocks, chunks, slices } = plan
    const phases = [1, rowBlocks, assignBlocks, chunks * slices, 1, rowBlocks, 1, assignBlocks, rowBlocks]
    const start = plan.given ? 1 : plan.k * (rowBlocks + 1)
    return {
      phases: phases.map((blocks) => ({ blocks })),
      scratchBytes: 8 * plan.words,
      blocksMost:
        start + Math.min(args.scalars[0], 1e6) * (assignBlocks + chunks * slices + 1) + assignBlocks + rowBlocks,
    }
  },

  runBlock(args, phase, index) {
    const plan = planKmeans(args)
    const memory = open(args, plan)
    switch (phase) {
      case pick:
        return pickCentroid(args, plan, memory)
      case least:
        return minDistances(args, plan, memory, index)
      case assign:
      case last:
        return assignRows(args, plan, index)
      case sum:
        return sumClusters(args, plan, memory, index)
      case fold:
        return foldMeans(args, plan, memory)
      case move:
        return moveEmpty(args, plan, memory)
      default:
        return ownDistances(args, plan, memory, index, phase === far)
    }
  },

  next(args, phase) {
    const plan = planKmeans(args)
    const { state } = open(args, plan)
    if (phase === pick) return plan.given ? assign : least
    if (phase === least) return state[picked] < plan.k ? pick : assign
    if (phase === fold) return state[done] !== 0 ? last : state[empty] > 0 ? far : assign
    return phase === move ? assign : phase + 1
  },

  finish(args) {
    const plan = planKmeans(args)
    const { state, rowSums } = open(args, plan)
    args.results[0] = rowSums.reduce((total, value) => total + value, 0)
    args.results[1] = state[iterations]
  },
}

/**
 * How far the inertia may be off for given centroids: n·d squares of differences of numbers up to `magnitude`, added in
 * float64.
 */
export function tolerance(terms: number, inertia: number): number {
  return (terms + 4) * 2 ** -52 * inertia
}

// The phases.
const pick = 0
const least = 1
const assign = 2
const sum = 3
const fold = 4
const far = 5
const move = 6
const last = 7

// Words of the state.
const picked = 0
const iterations = 1
const done = 2
const empty = 3
const variance = 4
const stateWords = 8

/** Multiplications that a block takes: about 2 ms. */
const blockWork = 1 << 20
const mostChunks = 16

interface KmeansPlan {
  readonly n: number
  readonly d: number
  readonly k: number
  readonly given: boolean
  readonly rowBlock: number
  readonly rowBlocks: number
  readonly assignBlock: number
  readonly assignBlocks: number
  /** Rows, and columns, of a block of sums. */
  readonly chunk: number
  readonly chunks: number
  readonly slice: number
  readonly slices: number
  readonly words: number
}

function planKmeans({ inputs, outputs }: ReferenceArguments): KmeansPlan {
  const [n, d] = inputs[0].shape
  const [k] = outputs[0].shape
  const width = Math.max(d, 1)
  const rowBlock = Math.max(16, Math.min(4096, Math.floor(blockWork / width)))
  const assignBlock = Math.max(1, Math.min(4096, Math.floor(blockWork / (k * width))))
  const chunk = Math.max(1024, Math.ceil(n / mostChunks))
  const slice = Math.ceil(width / Math.ceil((chunk * width) / blockWork))
  const rowBlocks = Math.ceil(n / rowBlock)
  const chunks = Math.ceil(n / chunk)
  return {
    n,
    d,
    k,
    given: inputs.length > 1,
    rowBlock,
    rowBlocks,
    assignBlock,
    assignBlocks: Math.ceil(n / assignBlock),
    chunk,
    chunks,
    slice,
    slices: Math.ceil(width / slice),
    words: stateWords + n + rowBlocks + chunks * k * (d + 1) + chunks * Math.ceil(width / slice),
  }
}

interface Memory {
  readonly state: Float64Array
  readonly distances: Float64Array
  readonly rowSums: Float64Array
  readonly sums: Float64Array
  readonly counts: Float64Array
  readonly squares: Float64Array
}

function open({ scratch }: ReferenceArguments, plan: KmeansPlan): Memory {
  let at = 0
  const take = (length: number): Float64Array => {
    const words = new Float64Array(scratch, at * 8, length)
    at += length
    return words
  }
  return {
    state: take(stateWords),
    distances: take(plan.n),
    rowSums: take(plan.rowBlocks),
    sums: take(plan.chunks * plan.k * plan.d),
    counts: take(plan.chunks * plan.k),
    squares: take(plan.chunks * plan.slices),
  }
}

/** SplitMix64 by counter: the bits of KmeansBits in native/kernels/kmeans_plan.h, as a number from 0 to 1. */
function draw(seed: number, counter: number): number {
  const word = (x: bigint) => BigInt.asUintN(64, x)
  let z = word(BigInt(seed) + BigInt(counter + 1) * 0x9e3779b97f4a7c15n)
  z = word((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n)
  z = word((z ^ (z >> 27n)) * 0x94d049bb133111ebn)
  return Number((z ^ (z >> 31n)) >> 11n) * 2 ** -53
}

const weight = (distance: number): number => (distance < Infinity ? distance : 0)

function copyRow(from: View, row: number, { outputs }: ReferenceArguments, centroid: number): void {
  const [{ data, shape, offset }] = outputs
  for (let j = 0; j < shape[1]; j++) {
    data[offset + centroid * shape[1] + j] = from.data[from.offset + row * from.strides[0] + j * from.strides[1]]
  }
}

function pickCentroid(args: ReferenceArguments, plan: KmeansPlan, memory: Memory): void {
  const { state } = memory
  if (plan.given) {
    for (let i = 0; i < plan.k; i++) copyRow(args.inputs[1], i, args, i)
    return
  }
  const share = draw(args.scalars[2], state[picked])
  let row = state[picked] === 0 ? -1 : drawRow(plan, memory, share)
  if (row < 0) row = Math.min(plan.n - 1, Math.floor(share * plan.n))
  copyRow(args.inputs[0], row, args, state[picked])
  state[picked]++
}

/** The row at which the running sum of weights passes `share` of their total; -1 where all are zero. */
function drawRow({ n, rowBlock, rowBlocks }: KmeansPlan, { distances, rowSums }: Memory, share: number): number {
  let left = rowSums.reduce((total, value) => total + value, 0) * share
  let drawn = -1
  for (let i = 0; i < rowBlocks; i++) {
    if (!(rowSums[i] > 0)) continue
    if (left >= rowSums[i] && i + 1 < rowBlocks) {
      left -= rowSums[i]
      continue
    }
    for (let row = i * rowBlock; row < Math.min(n, (i + 1) * rowBlock); row++) {
      const chance = weight(distances[row])
      if (chance === 0) continue
      drawn = row
      left -= chance
      if (left < 0) return row
    }
    left = 0
  }
  return drawn
}

function centroidRows({ outputs }: ReferenceArguments): Rows {
  const [{ data, shape, offset }] = outputs
  return { values: data as Float64Array, start: offset, step: shape[1], length: shape[1] }
}

function minDistances(args: ReferenceArguments, plan: KmeansPlan, memory: Memory, index: number): void {
  const { state, distances, rowSums } = memory
  const centroids = centroidRows(args)
  const at = centroids.start + (state[picked] - 1) * centroids.step
  const first = index * plan.rowBlock
  const count = Math.min(plan.rowBlock, plan.n - first)
  const rows = readRows(args.inputs[0], first, count)
  let total = 0
  for (let i = 0; i < count; i++) {
    const distance = squaredDistance(rows, rows.start + i * rows.step, centroids, at)
    if (state[picked] === 1 || distance < distances[first + i]) distances[first + i] = distance
    total += weight(distances[first + i])
  }
  rowSums[index] = total
}

/** Each row goes to the centroid of the greatest x·c - |c|²/2. */
function assignRows(args: ReferenceArguments, plan: KmeansPlan, index: number): void {
  const { k, d } = plan
  const [{ data, offset }, labels] = args.outputs
  const centroids = Float64Array.from((data as Float64Array).subarray(offset, offset + k * d))
  const halves = new Float64Array(k)
  for (let i = 0; i < k; i++) for (let j = i * d; j < (i + 1) * d; j++) halves[i] += centroids[j] ** 2 / 2
  const first = index * plan.assignBlock
  const count = Math.min(plan.assignBlock, plan.n - first)
  const { values, start, step } = readRows(args.inputs[0], first, count)
  for (let i = 0; i < count; i++) {
    const at = start + i * step
    let best = 0
    let most = -Infinity
    for (let c = 0; c < k; c++) {
      let s0 = -halves[c]
      let s1 = 0
      let j = 0
      const from = c * d
      for (; j + 1 < d; j += 2) {
        s0 += values[at + j] * centroids[from + j]
        s1 += values[at + j + 1] * centroids[from + j + 1]
      }
      if (j < d) s0 += values[at + j] * centroids[from + j]
      if (s0 + s1 > most) {
        most = s0 + s1
        best = c
      }
    }
    labels.data[labels.offset + first + i] = best
  }
}

function sumClusters(args: ReferenceArguments, plan: KmeansPlan, memory: Memory, index: number): void {
  const { k, d } = plan
  const [, labels] = args.outputs
  const [x] = args.inputs
  const chunk = Math.floor(index / plan.slices)
  const column = (index % plan.slices) * plan.slice
  const width = Math.min(plan.slice, d - column)
  const sums = memory.sums.subarray(chunk * k * d, (chunk + 1) * k * d)
  const counts = memory.counts.subarray(chunk * k, (chunk + 1) * k)
  for (let c = 0; c < k; c++) sums.fill(0, c * d + column, c * d + column + width)
  if (column === 0) counts.fill(0)
  const slice = { ...x, shape: [plan.n, width], offset: x.offset + column * x.strides[1] }
  const first = chunk * plan.chunk
  const count = Math.min(plan.chunk, plan.n - first)
  const { values, start, step } = readRows(slice, first, count)
  let square = 0
  for (let i = 0; i < count; i++) {
    const label = labels.data[labels.offset + first + i] as number
    const to = label * d + column
    for (let j = 0; j < width; j++) {
      const value = values[start + i * step + j]
      sums[to + j] += value
      square += value * value
    }
    if (column === 0) counts[label]++
  }
  memory.squares[index] = square
}

/** Means, chunks added in order; and whether that was the last iteration. */
function foldMeans(args: ReferenceArguments, plan: KmeansPlan, { state, sums, counts, squares }: Memory): void {
  const { n, d, k, chunks } = plan
  const [{ data, offset }] = args.outputs
  const totals = new Float64Array(d)
  const before = state[empty]
  let shift = 0
  state[empty] = 0
  for (let c = 0; c < k; c++) {
    let size = 0
    for (let chunk = 0; chunk < chunks; chunk++) size += counts[chunk * k + c]
    if (size === 0) state[empty]++
    for (let j = 0; j < d; j++) {
      let total = 0
      for (let chunk = 0; chunk < chunks; chunk++) total += sums[(chunk * k + c) * d + j]
      totals[j] += total
      if (size === 0) continue
      const at = offset + c * d + j
      const old = data[at] as number
      data[at] = total / size
      shift += ((data[at] as number) - old) ** 2
    }
  }
  if (state[iterations] === 0) {
    const square = squares.reduce((all, value) => all + value, 0)
    const spread = totals.reduce((left, total) => left - (total / n) * total, square)
    state[variance] = spread > 0 ? spread / n / Math.max(d, 1) : 0
  }
  state[iterations]++
  const still = shift <= args.scalars[1] * state[variance]
  const stuck = still && shift === 0 && before === state[empty]
  state[done] = state[iterations] >= args.scalars[0] || (still && state[empty] === 0) || stuck ? 1 : 0
}

/** Squared distances to the rows' own centroids, kept by row; and their sum, or the greatest. */
function ownDistances(args: ReferenceArguments, plan: KmeansPlan, memory: Memory, index: number, greatest: boolean) {
  const [, labels] = args.outputs
  const centroids = centroidRows(args)
  const first = index * plan.rowBlock
  const count = Math.min(plan.rowBlock, plan.n - first)
  const rows = readRows(args.inputs[0], first, count)
  let total = 0
  let most = -1
  for (let i = 0; i < count; i++) {
    const label = labels.data[labels.offset + first + i] as number
    const at = centroids.start + label * centroids.step
    const distance = squaredDistance(rows, rows.start + i * rows.step, centroids, at)
    memory.distances[first + i] = distance
    total += distance
    most = Math.max(most, weight(distance))
  }
  memory.rowSums[index] = greatest ? most : total
}

/** Each empty cluster, in order, goes to the row that is farthest from its centroid; never two to one row. */
function moveEmpty(args: ReferenceArguments, plan: KmeansPlan, { distances, rowSums, counts }: Memory): void {
  for (let c = 0; c < plan.k; c++) {
    let size = 0
    for (let chunk = 0; chunk < plan.chunks; chunk++) size += counts[chunk * plan.k + c]
    if (size > 0) continue
    const block = rowSums.indexOf(Math.max(...rowSums))
    const most = rowSums[block]
    if (!(most > 0)) return
    let farthest = -1
    let second = -1
    for (let row = block * plan.rowBlock; row < Math.min(plan.n, (block + 1) * plan.rowBlock); row++) {
      const distance = weight(distances[row])
      if (farthest < 0 && distance === most) farthest = row
      else second = Math.max(second, distance)
    }
    if (farthest < 0) return
    copyRow(args.inputs[0], farthest, args, c)
    distances[farthest] = 0
    rowSums[block] = second
  }
}
