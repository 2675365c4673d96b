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
  const strings = list.slice()
  const slices = new Slices()
  const lengths = new Uint32Array(strings.length)
  let total = 0
  let longest = 0
  for (let i = 0; i < strings.length; i += stringsBetween) {
    const measured = measure(name, strings, i, codePoints, lengths)
    total += measured.total
    longest = Math.max(longest, measured.longest)
    yield* slices.check()
  }
  if (total > 0xffffffff) throw rangeMisuse(name, 'at most 4,294,967,295 units in all', total)
  const alphabet = codePoints ? new Map<number, number>() : undefined
  const units = yield* readUnits(name, strings as string[], total, alphabet, slices)
  const sorted = yield* sortByLength(lengths, longest, slices)
  return new PackedStrings({ ...sorted, units, alphabet })
}

/** Checks some strings from `first` on, and writes their lengths. */
function measure(
  name: string,
  strings: readonly unknown[],
  first: number,
  codePoints: boolean,
  lengths: Uint32Array,
): { total: number; longest: number } {
  const end = Math.min(strings.length, first + stringsBetween)
  let total = 0
  let longest = 0
  for (let i = first; i < end; i++) {
    const string = strings[i]
    if (typeof string !== 'string') throw typeMisuse(`${name}[${i}]`, 'a string', string)
    lengths[i] = codePoints ? countPoints(string) : string.length
    total += lengths[i]
    if (lengths[i] > longest) longest = lengths[i]
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

/** All units, in the order of the list. */
function* readUnits(
  name: string,
  strings: readonly string[],
  total: number,
  alphabet: Map<number, number> | undefined,
  slices: Slices,
): Generator<Step, Uint16Array, unknown> {
  const units = shared(Uint16Array, total)
  const copy = alphabet === undefined ? copyCodeUnits : copyCodePoints(name, alphabet)
  let at = 0
  let i = 0
  while (i < strings.length) {
    const string = strings[i]
    if (string.length > unitsBetween) {
      i++
      let from = 0
      while (from < string.length) {
        const to = stretchEnd(string, from)
        at = copy(string, from, to, units, at)
        from = to
        yield* slices.check()
      }
    } else {
      const end = runEnd(strings, i)
      at = copyRun(strings, i, end, copy, units, at)
      i = end
      yield* slices.check()
    }
  }
  return units
}

/** Where a run of strings ends that are copied without a look at the clock. */
function runEnd(strings: readonly string[], first: number): number {
  const most = Math.min(strings.length, first + stringsBetween)
  let end = first
  for (let room = unitsBetween; end < most && room > 0 && strings[end].length <= unitsBetween; end++) {
    room -= strings[end].length
  }
  return end
}

function copyRun(
  strings: readonly string[],
  first: number,
  end: number,
  copy: typeof copyCodeUnits,
  units: Uint16Array,
  start: number,
): number {
  let at = start
  for (let i = first; i < end; i++) {
    const string = strings[i]
    if (copy === copyCodeUnits) {
      // The same by hand, which engines make a third faster.
      for (let j = 0; j < string.length; j++) units[at++] = string.charCodeAt(j)
    } else at = copy(string, 0, string.length, units, at)
  }
  return at
}

/** Where a stretch of a long string ends: never within a surrogate pair. */
function stretchEnd(string: string, from: number): number {
  const end = Math.min(string.length, from + unitsBetween)
  return end < string.length && (string.charCodeAt(end) & 0xfc00) === 0xdc00 ? end + 1 : end
}

function copyCodeUnits(string: string, from: number, to: number, units: Uint16Array, at: number): number {
  for (let i = from; i < to; i++) units[at++] = string.charCodeAt(i)
  return at
}

/** Code points are numbered in the order of appearance. */
function copyCodePoints(name: string, alphabet: Map<number, number>): typeof copyCodeUnits {
  return (string, from, to, units, at) => {
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
    return at
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
  const order = shared(Uint32Array, count)
  for (let i = 0; i < count; i += stringsBetween) {
    countLengths(lengths, i, most, places)
    yield* slices.check()
  }
  addUpPlaces(places)
  const firstOfMost = places[most]
  for (let i = 0; i < count; i += stringsBetween) {
    placeStrings(lengths, i, most, places, order)
    yield* slices.check()
  }
  if (longest > most) order.subarray(firstOfMost).sort((a, b) => lengths[a] - lengths[b] || a - b)
  const starts = new Uint32Array(count)
  const sorted = { starts: shared(Uint32Array, count), lengths: shared(Uint32Array, count), order }
  let start = 0
  for (let i = 0; i < count; i += stringsBetween) {
    start = addUp(lengths, i, start, starts)
    yield* slices.check()
  }
  for (let i = 0; i < count; i += stringsBetween) {
    gather(starts, order, i, sorted.starts)
    gather(lengths, order, i, sorted.lengths)
    yield* slices.check()
  }
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

function placeStrings(
  lengths: Uint32Array,
  first: number,
  most: number,
  places: Uint32Array,
  order: Uint32Array,
): void {
  const end = Math.min(lengths.length, first + stringsBetween)
  for (let i = first; i < end; i++) order[places[Math.min(lengths[i], most)]++] = i
}

function addUp(lengths: Uint32Array, first: number, before: number, starts: Uint32Array): number {
  const end = Math.min(lengths.length, first + stringsBetween)
  let start = before
  for (let i = first; i < end; i++) {
    starts[i] = start
    start += lengths[i]
  }
  return start
}

function gather(from: Uint32Array, order: Uint32Array, first: number, to: Uint32Array): void {
  const end = Math.min(order.length, first + stringsBetween)
  for (let i = first; i < end; i++) to[i] = from[order[i]]
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
