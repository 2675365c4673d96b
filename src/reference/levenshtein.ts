import type { Reference, ReferenceArguments } from './reference.ts'

/** Where native/kernels/levenshtein_plan.h has its scalars. */
const scalar = { closest: 0, cutoff: 1, k: 8 } as const
/** The result that counts tiles of queries. */
const tileResult = 7
const tileSize = 16
const chunkSize = 1024

interface TextPlan {
  readonly strings: number
  readonly queries: number
  readonly tile: number
  readonly tiles: number
  readonly cutoff: number
}

function planOf({ inputs, scalars }: ReferenceArguments): TextPlan {
  const queries = inputs[5].shape[0] - 1
  const tile = Math.min(queries, tileSize)
  const cutoff = scalars[scalar.cutoff]
  return {
    strings: inputs[1].shape[0],
    queries,
    tile,
    tiles: Math.ceil(queries / tile),
    cutoff: cutoff < 0 ? Infinity : cutoff,
  }
}

/**
 * Myers' bit-vector algorithm (1999) in words of 32 bits, with the carries between words of Hyyrö (2003). A block
 * compares 1024 strings with up to 16 queries; for `closest` a second phase selects from the distances.
 */
export const levenshteinReference: Reference = {
  prepare(args) {
    const { strings, tile, tiles } = planOf(args)
    const chunks = Math.ceil(strings / chunkSize)
    const isClosest = args.scalars[scalar.closest] !== 0
    return {
      phases: isClosest ? [{ blocks: chunks }, { blocks: tile }] : [{ blocks: chunks }],
      scratchBytes: isClosest ? tile * strings * 4 : 0,
      blocksMost: (chunks + (isClosest ? tile : 0)) * tiles,
    }
  },

  runBlock(args, phase, index) {
    const plan = planOf(args)
    const isClosest = args.scalars[scalar.closest] !== 0
    const first = isClosest ? args.results[tileResult] * plan.tile : 0
    const count = Math.min(plan.tile, plan.queries - first)
    for (let q = phase === 1 ? index : 0; q < (phase === 1 ? Math.min(index + 1, count) : count); q++) {
      const distances = isClosest
        ? new Uint32Array(args.scratch, q * plan.strings * 4, plan.strings)
        : (args.outputs[0].data as Uint32Array).subarray(args.outputs[0].offset)
      if (phase === 0) compare(args, plan, index, first + q, distances)
      else select(args, plan, first + q, distances)
    }
  },

  next(args, phase) {
    if (phase === 0) return 1
    args.results[tileResult]++
    return args.results[tileResult] < planOf(args).tiles ? 0 : 2
  },
}

/** A query as bits: the number + 1 of each unit that it has, and 32-bit masks of where it stands. */
interface Query {
  readonly length: number
  readonly words: number
  readonly symbols: Uint16Array
  /** Row 0 is that of all other units. */
  readonly masks: Int32Array
}

function readQuery({ inputs }: ReferenceArguments, index: number): Query {
  const starts = inputs[5].data as Uint32Array
  const units = (inputs[4].data as Uint16Array).subarray(starts[index], starts[index + 1])
  const words = Math.ceil(units.length / 32) || 1
  const symbols = new Uint16Array(65536)
  const rows: Int32Array[] = [new Int32Array(words)]
  units.forEach((unit, i) => {
    if (symbols[unit] === 0) {
      symbols[unit] = rows.length
      rows.push(new Int32Array(words))
    }
    rows[symbols[unit]][i >>> 5] |= 1 << (i & 31)
  })
  const masks = new Int32Array(rows.length * words)
  rows.forEach((row, i) => masks.set(row, i * words))
  return { length: units.length, words, symbols, masks }
}

function compare(args: ReferenceArguments, plan: TextPlan, chunk: number, index: number, distances: Uint32Array): void {
  const [units, starts, lengths, order] = args.inputs.map((view) => view.data) as Uint32Array[]
  const query = readQuery(args, index)
  const state = new Int32Array(query.words * 2)
  const end = Math.min(plan.strings, (chunk + 1) * chunkSize)
  for (let i = chunk * chunkSize; i < end; i++) {
    const apart = Math.abs(lengths[i] - query.length)
    const distance =
      apart > plan.cutoff
        ? apart
        : query.words === 1
          ? distanceOfWord(units, starts[i], lengths[i], query)
          : distanceOf(units, starts[i], lengths[i], query, state)
    distances[order[i]] = Math.min(distance, plan.cutoff + 1)
  }
}

function distanceOfWord(units: ArrayLike<number>, start: number, length: number, query: Query): number {
  if (query.length === 0) return length
  const { symbols, masks } = query
  const top = query.length - 1
  let rises = -1
  let falls = 0
  let score = query.length
  for (let j = start; j < start + length; j++) {
    const equal = masks[symbols[units[j]]]
    const vertical = equal | falls
    const horizontal = (((equal & rises) + rises) ^ rises) | equal
    let up = falls | ~(horizontal | rises)
    let down = rises & horizontal
    score += ((up >>> top) & 1) - ((down >>> top) & 1)
    up = (up << 1) | 1
    down <<= 1
    rises = down | ~(vertical | up)
    falls = up & vertical
  }
  return score
}

function distanceOf(units: ArrayLike<number>, start: number, length: number, query: Query, state: Int32Array): number {
  const { symbols, masks, words } = query
  const top = (query.length - 1) & 31
  for (let word = 0; word < words; word++) {
    state[word * 2] = -1
    state[word * 2 + 1] = 0
  }
  let score = query.length
  for (let j = start; j < start + length; j++) {
    const row = symbols[units[j]] * words
    let carryUp = 1
    let carryDown = 0
    for (let word = 0; word < words; word++) {
      const rises = state[word * 2]
      const falls = state[word * 2 + 1]
      let equal = masks[row + word]
      const vertical = equal | falls
      equal |= carryDown
      const horizontal = (((equal & rises) + rises) ^ rises) | equal
      let up = falls | ~(horizontal | rises)
      let down = rises & horizontal
      if (word === words - 1) score += ((up >>> top) & 1) - ((down >>> top) & 1)
      const nextUp = up >>> 31
      const nextDown = down >>> 31
      up = (up << 1) | carryUp
      down = (down << 1) | carryDown
      carryUp = nextUp
      carryDown = nextDown
      state[word * 2] = down | ~(vertical | up)
      state[word * 2 + 1] = up & vertical
    }
  }
  return score
}

/** The k nearest by a counting sort: by distance, then by place in the list. */
function select({ outputs, scalars }: ReferenceArguments, plan: TextPlan, query: number, distances: Uint32Array): void {
  const k = scalars[scalar.k]
  const [indices, nearest, found] = outputs.map(({ data }) => data as Uint32Array)
  let most = 0
  for (let i = 0; i < plan.strings; i++) if (distances[i] <= plan.cutoff && distances[i] > most) most = distances[i]
  const places = new Float64Array(most + 2)
  for (let i = 0; i < plan.strings; i++) if (distances[i] <= plan.cutoff) places[distances[i] + 1]++
  for (let distance = 1; distance < places.length; distance++) places[distance] += places[distance - 1]
  const count = Math.min(k, places[most + 1])
  for (let i = 0; i < plan.strings; i++) {
    if (distances[i] > plan.cutoff) continue
    const at = places[distances[i]]++
    if (at >= k) continue
    indices[query * k + at] = i
    nearest[query * k + at] = distances[i]
  }
  found[query] = count
}
