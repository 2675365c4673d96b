import { checkInteger, isList } from '../check.ts'
import { typeMisuse } from '../errors.ts'
import { defineKernel } from '../kernel.ts'
import type { TaskOptions } from '../options.ts'
import { viewOf } from '../plan.ts'
import type { Task } from '../pool/task.ts'
import { run } from '../steps.ts'
import type { Steps } from '../steps.ts'
import { newArray } from '../typed-array.ts'
import type { TypedArray } from '../types.ts'
import { checkString, planText, readCutoff, readList } from './text.ts'
import type { StringList, TextOptions } from './text.ts'

/** Options of {@link closest}. */
export interface ClosestOptions extends TextOptions, TaskOptions {
  /**
   * How many, 1 and up; fewer come where the list is shorter or the cutoff leaves fewer.
   * @default 1
   */
  k?: number | undefined
}

/** A string of the list. */
export interface Match {
  /** Its place in the list. */
  readonly index: number
  /** How many edits it is away. */
  readonly distance: number
}

/** The type of {@link closest}. */
export interface Closest {
  (query: string, list: StringList, options?: ClosestOptions): Task<Match[]>
  (queries: readonly string[], list: StringList, options?: ClosestOptions): Task<Match[][]>
  /** The same on the calling thread. */
  sync(query: string, list: StringList, options?: ClosestOptions): Match[]
  /** The same on the calling thread. */
  sync(queries: readonly string[], list: StringList, options?: ClosestOptions): Match[][]
}

/**
 * The strings of a list that are nearest to a query by edit distance (see `levenshtein`), the nearest first; of equally
 * near ones those that come first in the list.
 *
 * @param queries A string, or several.
 * @param list Strings, or the result of `packStrings`.
 * @returns `[{ index, distance }, …]`; for several queries an array of those.
 * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_MEMORY.
 * @example await closest('recieve', words, { k: 3, cutoff: 2 }) // [{ index: 17, distance: 2 }, …]
 * @function
 */
export const closest: Closest = defineKernel({ name: 'closest', arity: 2, plan: planClosest })

function* planClosest(args: readonly unknown[], raw: object): Steps<unknown> {
  const options = raw as ClosestOptions
  const isOne = typeof args[0] === 'string'
  const queries = readQueries(args[0])
  const cutoff = readCutoff(options)
  const asked = options.k === undefined ? 1 : checkInteger('k', options.k, 1, Number.MAX_SAFE_INTEGER)
  const packed = yield* readList(args[1], options)
  if (queries.length === 0) return []
  const k = Math.min(asked, packed.length)
  const array = (length: number) => newArray('uint32', length, 'closest') as Uint32Array
  const [indices, distances] = [array(queries.length * k), array(queries.length * k)]
  const counts = array(queries.length)
  const outputs = [indices, distances, counts].map((data) => viewOf(data as TypedArray, 'uint32', [data.length]))
  return yield* run({
    plan: planText(packed, queries, cutoff, k, outputs, true),
    value: () => {
      const matches = Array.from(counts, (count, q) =>
        Array.from({ length: count }, (_, i) => ({ index: indices[q * k + i], distance: distances[q * k + i] })),
      )
      return isOne ? matches[0] : matches
    },
  })
}

function readQueries(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  if (!isList(value)) throw typeMisuse('queries', 'a string or an array of strings', value)
  return value.map((query, i) => checkString(`queries[${i}]`, query))
}
