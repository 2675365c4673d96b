import { parseArgs } from 'node:util'
import type { ParseArgsConfig } from 'node:util'

/** One command of the program `offloop`. */
export interface Command {
  /** One line for the list of commands. */
  readonly summary: string
  /** What `--help` prints. */
  readonly usage: string
  /** Gives the exit code: 0 all well, 1 it did not work out; a wrong use throws a UsageError, which makes 2. */
  run(args: readonly string[]): Promise<number>
}

/** The command was not used as it must be: its message is all that the user needs. */
export class UsageError extends Error {}

/** `parseArgs` whose complaints are UsageErrors. */
export function parse<const T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config)
  } catch (error) {
    // Its advice on positionals that begin with a dash helps nobody here.
    throw new UsageError((error as Error).message.replace(/\. To specify a positional[^]*$/, ''))
  }
}

/** A list of words, each of which must be known. */
export function readWords(option: string, text: string, known: readonly string[]): string[] {
  const words = text.split(',').map((word) => word.trim())
  const wrong = words.find((word) => !known.includes(word))
  if (wrong === undefined) return words
  throw new UsageError(`Expected ${option} to be a list of ${known.join(', ')}, got '${wrong}'`)
}

/** A list of integers from 1 to `most`, in ascending order, each once. */
export function readCounts(option: string, text: string, most: number): number[] {
  const counts = text.split(',').map((word) => {
    const count = Number(word.trim())
    if (/^\s*\d+\s*$/.test(word) && count >= 1 && count <= most) return count
    throw new UsageError(`Expected ${option} to be integers from 1 to ${most}, as in 1,2,4; got '${word.trim()}'`)
  })
  return [...new Set(counts)].toSorted((a, b) => a - b)
}
