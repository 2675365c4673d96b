import { checkFlag, checkInteger } from '../check.ts'
import { rangeMisuse, typeMisuse } from '../errors.ts'
import { viewOf } from '../plan.ts'
import type { Plan } from '../plan.ts'
import type { Step } from '../steps.ts'
import type { View } from '../types.ts'
import { foreignUnit, pack, PackedStrings, partsOf } from './packed-strings.ts'
import type { PackedParts } from './packed-strings.ts'

/** Options of everything that compares strings. */
export interface TextOptions {
  /**
   * The greatest distance of interest: what is farther counts as cutoff + 1, and takes less time.
   * @default none
   */
  cutoff?: number | undefined
  /**
   * Count code points, so that '😀' is one and not two. A packed list has its own way, which this must not contradict.
   * @default false: UTF-16 code units
   */
  codePoints?: boolean | undefined
}

/** Strings, or what `packStrings` made of them, or is about to. */
export type StringList = readonly string[] | PackedStrings | PromiseLike<PackedStrings>

/** The distance beyond which no distance can be. */
const noCutoff = 2 ** 32 - 1

/** Reads the option; -1 for none. */
export function readCutoff({ cutoff }: TextOptions): number {
  if (cutoff === undefined || cutoff === Infinity) return -1
  return checkInteger('cutoff', cutoff, 0, noCutoff - 1)
}

/** The list, packed now where it is not yet. */
export function* readList(list: unknown, options: TextOptions): Generator<Step, PackedStrings, unknown> {
  const codePoints = checkFlag('codePoints', options.codePoints)
  const given = list instanceof Promise ? yield list : list
  if (!(given instanceof PackedStrings)) return yield* pack('list', given, codePoints)
  if (options.codePoints !== undefined && codePoints !== given.codePoints) {
    throw rangeMisuse('codePoints', `${given.codePoints}, as the list was packed`, codePoints)
  }
  return given
}

/** Queries as the kernel takes them. */
interface Queries {
  readonly units: Uint16Array
  /** Where each begins, and the end of the last. */
  readonly starts: Uint32Array
  readonly longest: number
  /** Most different units in one. */
  readonly unique: number
}

function readQueries(queries: readonly string[], alphabet: ReadonlyMap<number, number> | undefined): Queries {
  const read = queries.map((query) => unitsOf(query, alphabet))
  const starts = new Uint32Array(read.length + 1)
  read.forEach((units, i) => (starts[i + 1] = starts[i] + units.length))
  const units = new Uint16Array(starts[read.length])
  read.forEach((each, i) => units.set(each, starts[i]))
  let longest = 0
  let unique = 0
  for (const each of read) {
    longest = Math.max(longest, each.length)
    unique = Math.max(unique, new Set(each).size)
  }
  return { units, starts, longest, unique }
}

function unitsOf(query: string, alphabet: ReadonlyMap<number, number> | undefined): number[] | Uint16Array {
  if (alphabet !== undefined) {
    return Array.from(query, (point) => alphabet.get(point.codePointAt(0) as number) ?? foreignUnit)
  }
  const units = new Uint16Array(query.length)
  for (let i = 0; i < query.length; i++) units[i] = query.charCodeAt(i)
  return units
}

const groupSize = 32
/** Longer strings, and those compared with longer queries, go one by one. native/kernels/levenshtein_plan.h has these. */
const shortUnits = 255
const shortQuery = 1024
const tileSize = 16
/** What a block should take at most. */
const blockNanoseconds = 500_000

/** The plan of comparing queries with a packed list; `k` -1 for all distances of one query. */
export function planText(
  packed: PackedStrings,
  strings: readonly string[],
  cutoff: number,
  k: number,
  outputs: readonly View[],
  freshOutputs: boolean,
): Plan {
  const parts = partsOf(packed)
  const queries = readQueries(strings, parts.alphabet)
  const { lengths } = parts
  const shorts = queries.longest > shortQuery ? 0 : upTo(lengths, shortUnits)
  const mostShort = shorts === 0 ? 0 : lengths[shorts - 1]
  const mostLong = lengths.length === 0 ? 0 : lengths[lengths.length - 1]
  const words = Math.ceil(queries.longest / 64) || 1
  const perUnit = nanosecondsPerUnit(queries, words)
  const tile = Math.min(strings.length, tileSize)
  const groups = Math.floor(blockNanoseconds / (groupSize * (mostShort + 1) * perUnit * tile))
  const chunk = groupSize * Math.min(Math.max(groups, 1), 64)
  const scalars = [
    k < 0 ? 0 : 1,
    cutoff,
    shorts,
    chunk,
    mostShort,
    mostLong,
    queries.longest,
    queries.unique,
    Math.max(k, 0),
  ]
  let longUnits = 0
  for (let i = shorts; i < lengths.length; i++) longUnits += lengths[i]
  const shortWork = (parts.units.length - longUnits) * (perUnit + 0.3 / strings.length) + 5 * shorts
  const longWork = longUnits * words * 5 + (lengths.length - shorts) * 3_000
  return {
    kernel: 'levenshtein',
    inputs: inputViews(parts, queries),
    outputs,
    scalars,
    freshOutputs,
    cost: 1_000 + strings.length * (shortWork + longWork),
  }
}

// At AVX2: comparisons with every different unit of the query, and 17 steps, for as many lanes as a vector has.
function nanosecondsPerUnit({ longest, unique }: Queries, words: number): number {
  const bits = longest <= 16 ? 16 : longest <= 32 ? 32 : 64
  return ((3 * unique + 17) * words * bits) / 256 / 8
}

function inputViews({ units, starts, lengths, order }: PackedParts, queries: Queries): View[] {
  return [
    viewOf(units, 'uint16', [units.length]),
    ...[starts, lengths, order].map((words) => viewOf(words, 'uint32', [words.length])),
    viewOf(queries.units, 'uint16', [queries.units.length]),
    viewOf(queries.starts, 'uint32', [queries.starts.length]),
  ]
}

/** How many of some ascending numbers are at most `most`. */
function upTo(ascending: Uint32Array, most: number): number {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ascending[middle] <= most) low = middle + 1
    else high = middle
  }
  return low
}

/** Checks a query. */
export function checkString(name: string, value: unknown): string {
  if (typeof value !== 'string') throw typeMisuse(name, 'a string', value)
  return value
}
