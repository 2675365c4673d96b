import { checkFlag } from '../check.ts'
import { defineKernel } from '../kernel.ts'
import type { TaskOptions } from '../options.ts'
import type { Task } from '../pool/task.ts'
import { pack } from './packed-strings.ts'
import type { PackedStrings } from './packed-strings.ts'

/** Options of {@link packStrings}. */
export interface PackStringsOptions extends TaskOptions {
  /**
   * Count code points, so that '😀' is one and not two. Lists of more than 65,535 different code points are refused.
   * @default false: UTF-16 code units, as `string.length` counts them
   */
  codePoints?: boolean | undefined
}

/** The type of {@link packStrings}. */
export interface PackStrings {
  (list: readonly string[], options?: PackStringsOptions): Task<PackedStrings>
  /** The same on the calling thread. */
  sync(list: readonly string[], options?: PackStringsOptions): PackedStrings
}

/**
 * Packs strings for repeated use by `levenshtein` and `closest`, which take the result in place of the list. Runs on the
 * calling thread, as strings are out of reach for others, in slices of at most a millisecond between turns of the event
 * loop. Memory: two bytes a unit, and 12 bytes a string.
 *
 * @param list Strings; later changes of the array are not seen.
 * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_MEMORY.
 * @example const names = await packStrings(['Ada', 'Grace', 'Edsger'])
 * @function
 */
export const packStrings: PackStrings = defineKernel({
  name: 'packStrings',
  arity: 1,
  plan: (args, raw) => pack('list', args[0], checkFlag('codePoints', (raw as PackStringsOptions).codePoints)),
})
