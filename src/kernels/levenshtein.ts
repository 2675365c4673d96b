import { defineKernel } from '../kernel.ts'
import type { NDArray } from '../ndarray.ts'
import type { TaskOptions } from '../options.ts'
import { readOut, viewOf } from '../plan.ts'
import type { Task } from '../pool/task.ts'
import { run } from '../steps.ts'
import type { Steps } from '../steps.ts'
import { newArray } from '../typed-array.ts'
import type { TypedArray } from '../types.ts'
import { fewDistances } from './few-text.ts'
import type { ArrayInput } from './reduction.ts'
import { checkString, planText, readCutoff, readList } from './text.ts'
import type { StringList, TextOptions } from './text.ts'

/** Options of {@link levenshtein}. */
export interface LevenshteinOptions extends TextOptions, TaskOptions {
  /**
   * Receives the distances.
   * @default a new Uint32Array
   */
  out?: ArrayInput<Uint32Array> | undefined
}

/** The type of {@link levenshtein}. */
export interface Levenshtein {
  (query: string, list: StringList, options?: LevenshteinOptions): Task<Uint32Array>
  /** The same on the calling thread. */
  sync(query: string, list: StringList, options?: LevenshteinOptions): Uint32Array
}

/**
 * Edit distances from one string to many: the least number of units to insert, delete or replace (Levenshtein, "Binary
 * codes capable of correcting deletions, insertions, and reversals", 1966). Bit-parallel (Myers 1999, Hyyrö 2003), up to
 * 32 strings at once. A unit is a UTF-16 code unit, or with `codePoints` a code point.
 *
 * @param query A string.
 * @param list Strings, or the result of `packStrings`, which spares packing them for every call.
 * @returns The distance to each string; over the cutoff cutoff + 1.
 * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_MEMORY.
 * @example await levenshtein('kitten', ['sitting', 'mitten'], { cutoff: 2 }) // [3, 1]
 * @function
 */
export const levenshtein: Levenshtein = defineKernel({
  name: 'levenshtein',
  arity: 2,
  plan: planLevenshtein,
  few: fewDistances,
})

function* planLevenshtein(args: readonly unknown[], raw: object): Steps<unknown> {
  const query = checkString('query', args[0])
  const options = raw as LevenshteinOptions
  const cutoff = readCutoff(options)
  const packed = yield* readList(args[1], options)
  const shape = [packed.length]
  const out = readOut(raw, 'uint32', shape, [], false)
  const fresh = out === undefined ? newArray('uint32', packed.length, 'levenshtein') : undefined
  const view = out?.view ?? viewOf(fresh as TypedArray, 'uint32', shape)
  const given = out?.given ?? fresh
  // The kernel writes row by row.
  const direct = view.strides[0] === 1 || packed.length <= 1
  const target = direct ? view : viewOf(newArray('uint32', packed.length, 'levenshtein'), 'uint32', shape)
  const plan = planText(packed, [query], cutoff, -1, [target], fresh !== undefined || !direct)
  return yield* run({
    plan,
    value: () => {
      if (!direct) spread(target.data as Uint32Array, given as NDArray<Uint32Array>)
      return given
    },
  })
}

function spread(from: Uint32Array, { data, strides, offset }: NDArray<Uint32Array>): void {
  for (let i = 0; i < from.length; i++) data[offset + i * strides[0]] = from[i]
}
