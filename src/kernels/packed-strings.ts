import { isList } from '../check.ts'
import { codedError, rangeMisuse, typeMisuse } from '../errors.ts'
import { pause } from '../steps.ts'
import type { Step } from '../steps.ts'

/** What a packed list is to the kernels. All arrays are in shared memory, which nobody else has. */
export interface PackedParts {
  /** The units of all strings, in the order of the list. */
  readonly units: Uint16Array
  /** In ascending order of length: where a string begins, how many units it has, and which of the list it is. */
  readonly starts: Uint32Array
  readonly lengths: Uint32Array
  readonly order: Uint32Array
  /** By code point, the number that stands for it in `units`; undefined where units are UTF-16 code units. */
  readonly alphabet: ReadonlyMap<number, number> | undefined
}

/** Stands for units that no string of the list has. */
export const foreignUnit = 0xffff

const parts = Symbol('offloop.parts')

/**
 * A list of strings in the form that `levenshtein` and `closest` work on, made by `packStrings`. It does not change when
 * the list does.
 */
export class PackedStrings {
  /** How many strings. */
  readonly length: number
  /** Whether distances count code points; else UTF-16 code units. */
  readonly codePoints: boolean
  /** @internal */
  readonly [parts]: PackedParts

  /** @internal */
  constructor(packed: PackedParts) {
    this.length = packed.starts.length
    this.codePoints = packed.alphabet !== undefined
    Object.defineProperty(this, parts, { value: packed })
    this[parts] = packed
    Object.freeze(this)
  }
}

export function partsOf(packed: PackedStrings): PackedParts {
  return packed[parts]
}

/** Packing may hold the event loop this long at a stretch. */
const sliceMs = 1

/** Strings between two looks at the clock, and code units. */
const stringsBetween = 2048
const unitsBetween = 32768

/** Lets the event loop turn where a slice is over. */
class Slices {
  #start: number

  constructor() {
    this.#start = performance.now()
  }

  *check(): Generator<Step, void, unknown> {
    if (performance.now() - this.#start < sliceMs) return
    yield pause
    this.#start = performance.now()
  }
}

/** Packs a list, letting the event loop turn between slices of a millisecond. */
export function* pack(name: string, list: unknown, codePoints: boolean): Generator<Step, PackedStrings, unknown> {
  if (!isList(list)) throw typeMisuse(name, 'an array of strings, or what packStrings() gave', list)
  const lengths = new Uint32Array(list.length)
  const chunks = copyList(list, lengths.length)
  const slices = new Slices()
  let total = 0
  let longest = 0
  for (const [i, chunk] of chunks.entries()) {
    const measured = measure(name, chunk, i * stringsBetween, codePoints, lengths)
    total += measured.total
    longest = Math.max(longest, measured.longest)
    yield* slices.check()
  }
  if (total > 0xffffffff) throw rangeMisuse(name, 'at most 4,294,967,295 units in all', total)
  const units = shared(Uint16Array, total)
  const alphabet = codePoints ? new Map<number, number>() : undefined
  const copy = alphabet === undefined ? codeUnitsTo(units) : codePointsTo(units, name, alphabet)
  yield* readUnits(chunks as string[][], copy, slices)
  const sorted = yield* sortByLength(lengths, longest, slices)
  return new PackedStrings({ ...sorted, units, alphabet })
}

/** In pieces: one array of a long list's length takes V8 many times as long to make, as it has pages of its own. */
function copyList(list: readonly unknown[], length: number): (readonly unknown[])[] {
  const chunks = []
  for (let i = 0; i < length; i += stringsBetween) chunks.push(list.slice(i, Math.min(i + stringsBetween, length)))
  return chunks
}

/** Checks the strings of a chunk, and writes their lengths from `first` on. */
function measure(
  name: string,
  strings: readonly unknown[],
  first: number,
  codePoints: boolean,
  lengths: Uint32Array,
): { total: number; longest: number } {
  let total = 0
  let longest = 0
  for (let i = 0; i < strings.length; i++) {
    const string = strings[i]
    if (typeof string !== 'string') throw typeMisuse(`${name}[${first + i}]`, 'a string', string)
    const length = codePoints ? countPoints(string) : string.length
    lengths[first + i] = length
    total += length
    if (length > longest) longest = length
  }
  return { total, longest }
}

function countPoints(string: string): number {
  let count = string.length
  for (let i = 1; i < string.length; i++) {
    const isPair = (string.charCodeAt(i) & 0xfc00) === 0xdc00 && (string.charCodeAt(i - 1) & 0xfc00) === 0xd800
    if (isPair) count--
  }
  return count
}

/** Copies to the units, each time behind what it copied before. */
interface Copy {
  /** Some strings of at most `unitsBetween` code units in all. */
  run(strings: readonly string[], first: number, end: number): void
  /** Code units of a long string. */
  stretch(string: string, from: number, to: number): void
}

/** All units, in the order of the list. */
function* readUnits(
  chunks: readonly (readonly string[])[],
  copy: Copy,
  slices: Slices,
): Generator<Step, void, unknown> {
  for (const strings of chunks) {
    for (let i = 0; i < strings.length;) {
      const end = runEnd(strings, i)
      if (end > i) {
        copy.run(strings, i, end)
        yield* slices.check()
        i = end
      } else {
        yield* readLong(strings[i++], copy, slices)
      }
    }
  }
}

function* readLong(string: string, copy: Copy, slices: Slices): Generator<Step, void, unknown> {
  let from = 0
  while (from < string.length) {
    const to = stretchEnd(string, from)
    copy.stretch(string, from, to)
    from = to
    yield* slices.check()
  }
}

/** Where a run of strings ends that are copied without a look at the clock. */
function runEnd(strings: readonly string[], first: number): number {
  let end = first
  for (let room = unitsBetween; end < strings.length && strings[end].length <= room; end++) room -= strings[end].length
  return end
}

/** Where a stretch of a long string ends: never within a surrogate pair. */
function stretchEnd(string: string, from: number): number {
  const end = Math.min(string.length, from + unitsBetween)
  return end < string.length && (string.charCodeAt(end) & 0xfc00) === 0xdc00 ? end + 1 : end
}

function codeUnitsTo(units: Uint16Array): Copy {
  const bytes = Buffer.from(units.buffer)
  let at = 0
  const write = (text: string): void => {
    bytes.write(text, 2 * at, 'utf16le')
    at += text.length
  }
  return {
    run: (strings, first, end) => write(join(strings, first, end)),
    stretch: (string, from, to) => write(string.slice(from, to)),
  }
}

/**
 * Joining strings and writing them as one beats `charCodeAt` for strings of 5 units and more, and `Array.prototype.join`.
 */
function join(strings: readonly string[], first: number, end: number): string {
  let text = ''
  for (let i = first; i < end; i++) text += strings[i]
  return text
}

/** Code points are numbered in the order of appearance. */
function codePointsTo(units: Uint16Array, name: string, alphabet: Map<number, number>): Copy {
  let at = 0
  const stretch = (string: string, from: number, to: number): void => {
    for (let i = from; i < to; i++) {
      const point = string.codePointAt(i) as number
      if (point > 0xffff) i++
      let number = alphabet.get(point)
      if (number === undefined) {
        number = alphabet.size
        if (number >= foreignUnit) throw rangeMisuse(name, 'of at most 65,535 different code points', number + 1)
        alphabet.set(point, number)
      }
      units[at++] = number
    }
  }
  return {
    run(strings, first, end) {
      for (let i = first; i < end; i++) stretch(strings[i], 0, strings[i].length)
    },
    stretch,
  }
}

interface Sorted {
  readonly starts: Uint32Array
  readonly lengths: Uint32Array
  readonly order: Uint32Array
}

// A counting sort; strings of one length stay in the order of the list. Lengths from `most` up are few, and compared.
function* sortByLength(lengths: Uint32Array, longest: number, slices: Slices): Generator<Step, Sorted, unknown> {
  const count = lengths.length
  const most = Math.min(longest, 0xffff)
  const places = new Uint32Array(most + 2)
  for (let i = 0; i < count; i += stringsBetween) {
    countLengths(lengths, i, most, places)
    yield* slices.check()
  }
  addUpPlaces(places)
  const firstOfMost = places[most]
  const sorted = {
    starts: shared(Uint32Array, count),
    lengths: shared(Uint32Array, count),
    order: shared(Uint32Array, count),
  }
  let start = 0
  for (let i = 0; i < count; i += stringsBetween) {
    start = placeStrings(lengths, i, start, most, places, sorted)
    yield* slices.check()
  }
  if (longest > most) sortFrom(firstOfMost, sorted)
  return sorted
}

// Loops of a slice each, as functions of their own: engines compile those best.

function countLengths(lengths: Uint32Array, first: number, most: number, places: Uint32Array): void {
  const end = Math.min(lengths.length, first + stringsBetween)
  for (let i = first; i < end; i++) places[Math.min(lengths[i], most) + 1]++
}

function addUpPlaces(places: Uint32Array): void {
  for (let length = 1; length < places.length; length++) places[length] += places[length - 1]
}

/** The first of the strings starts at `before`; returns where the next after them does. */
function placeStrings(
  lengths: Uint32Array,
  first: number,
  before: number,
  most: number,
  places: Uint32Array,
  { starts, lengths: sortedLengths, order }: Sorted,
): number {
  const end = Math.min(lengths.length, first + stringsBetween)
  let start = before
  for (let i = first; i < end; i++) {
    const length = lengths[i]
    const place = places[Math.min(length, most)]++
    starts[place] = start
    sortedLengths[place] = length
    order[place] = i
    start += length
  }
  return start
}

function sortFrom(first: number, { starts, lengths, order }: Sorted): void {
  const strings = Array.from(order.subarray(first), (index, i) => ({
    start: starts[first + i],
    length: lengths[first + i],
    index,
  }))
  strings.sort((a, b) => a.length - b.length)
  strings.forEach(({ start, length, index }, i) => {
    starts[first + i] = start
    lengths[first + i] = length
    order[first + i] = index
  })
}

function shared<A extends Uint16Array | Uint32Array>(
  Type: { new (buffer: SharedArrayBuffer): A; readonly BYTES_PER_ELEMENT: number },
  length: number,
): A {
  try {
    return new Type(new SharedArrayBuffer(length * Type.BYTES_PER_ELEMENT))
  } catch (cause) {
    throw codedError('ERR_OFFLOOP_MEMORY', ['packStrings'], { cause })
  }
}
