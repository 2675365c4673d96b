// Reductions of typed arrays: every rank copies a piece of its array to where all can see it, folds its share of the
// piece over all ranks, and copies the result out. Pieces stay in the cache, and there are two sets of areas, so that
// one is filled while the other is still read.
import { arrayClass, bytesPerElement, newResult } from '../typed-array.ts'
import type { DType, TypedArray } from '../types.ts'
import type { Poll } from './bell.ts'
import type { Meeting } from './meeting.ts'
import { foldTree, loopOf } from './reduction.ts'
import type { ReductionName } from './reduction.ts'

/** Of one rank's area. */
const areaBytes = 1 << 18
/** Elements of all ranks together that each rank folds by itself: as quick as to wait for the others once more. */
const soloElements = 1 << 12
/** Shares begin at lines of the cache, which no two ranks write to. */
const lineBytes = 64

export class Exchange {
  /** Bytes of shared memory. */
  static bytes(size: number): number {
    return 2 * size * areaBytes
  }

  readonly #memory: SharedArrayBuffer
  readonly #meeting: Meeting
  readonly #size: number
  readonly #me: number
  readonly #views = new Map<DType, readonly (readonly TypedArray[])[]>()
  #pieces = 0

  constructor(memory: SharedArrayBuffer, meeting: Meeting, size: number, me: number) {
    this.#memory = memory
    this.#meeting = meeting
    this.#size = size
    this.#me = me
  }

  /**
   * After the meeting: folds elements over the ranks into `out`, which may be the array itself; ranks without `out`
   * only help. A scan folds the ranks up to one's own.
   */
  *reduce(
    array: TypedArray,
    dtype: DType,
    op: ReductionName,
    scan: boolean,
    out: TypedArray | undefined,
  ): Generator<Poll, void, unknown> {
    const length = areaBytes / bytesPerElement(dtype)
    for (let from = 0; from < array.length; from += length) {
      const count = Math.min(length, array.length - from)
      const areas = this.#areas(dtype)[this.#pieces++ & 1]
      areas[this.#me].set(array.subarray(from, from + count) as never)
      yield* this.#meeting.sync()
      const solo = count * this.#size <= soloElements
      const folded = solo ? areas.map((area) => area.slice(0, count) as TypedArray) : areas
      const [first, last] = solo ? [0, count] : this.#share(count, bytesPerElement(dtype))
      this.#fold(folded, op, scan, first, last)
      if (!solo) yield* this.#meeting.sync()
      out?.set(folded[scan ? this.#me : 0].subarray(0, count) as never, from)
    }
  }

  #fold(areas: readonly TypedArray[], op: ReductionName, scan: boolean, from: number, to: number): void {
    const loop = loopOf(op, areas[0])
    if (scan) for (let i = 1; i < this.#size; i++) loop(areas[i], areas[i - 1], areas[i], from, to)
    else foldTree(this.#size, (i, j) => loop(areas[i], areas[i], areas[j], from, to))
  }

  /** What this rank folds of a piece. */
  #share(count: number, elementBytes: number): [first: number, last: number] {
    const line = lineBytes / elementBytes
    const lines = Math.ceil(count / line)
    const cut = (rank: number) => Math.min(count, Math.floor((lines * rank) / this.#size) * line)
    return [cut(this.#me), cut(this.#me + 1)]
  }

  /** The areas of both sets, as arrays of a type. */
  #areas(dtype: DType): readonly (readonly TypedArray[])[] {
    let sets = this.#views.get(dtype)
    if (sets === undefined) {
      const type = arrayClass(dtype)
      const length = areaBytes / bytesPerElement(dtype)
      sets = [0, 1].map((set) =>
        Array.from(
          { length: this.#size },
          (_, rank) => new type(this.#memory, (set * this.#size + rank) * areaBytes, length),
        ),
      )
      this.#views.set(dtype, sets)
    }
    return sets
  }
}

/** A new array for the result of a reduction. */
export function newLike(array: TypedArray, dtype: DType): TypedArray {
  return newResult(dtype, array.length, 'a reduction')
}
