import { checkInteger, checkWord, isList } from '../check.ts'
import { rangeMisuse, typeMisuse } from '../errors.ts'
import { defineKernel } from '../kernel.ts'
import type { TaskOptions } from '../options.ts'
import type { Task } from '../pool/task.ts'
import type { Work } from '../steps.ts'
import { algorithms, asBytes, planDigest, viewOfBytes } from './hash-bytes.ts'
import type { HashAlgorithm, HashBytes, HashJob } from './hash-bytes.ts'
import { hashList } from './hash-list.ts'
import { hashStream, isStream, refuseStream } from './hash-stream.ts'
import type { HashStream } from './hash-stream.ts'

export type { HashAlgorithm, HashBytes, HashStream }

/** What digests come in. */
export type HashOutput = 'hex' | 'buffer'

/** Options of {@link hash}. */
export interface HashOptions<O extends HashOutput = HashOutput> extends TaskOptions {
  /**
   * `'blake3'` and `'sha256'` (256 bits) withstand attackers; `'xxh3'` (64 bits), `'xxh3-128'` and `'crc32c'` (32
   * bits) only accidents, but as fast as memory.
   * @default 'blake3'
   */
  algorithm?: HashAlgorithm | undefined
  /**
   * A string of hexadecimal digits or a Buffer, most significant byte first, as `b3sum`, `xxhsum` and `sha256sum` print.
   * @default 'hex'
   */
  output?: O | undefined
  /**
   * Of xxh3 and xxh3-128 alone: 64 bits; a number up to 2^53 - 1 or a BigInt up to 2^64 - 1.
   * @default 0
   */
  seed?: number | bigint | undefined
}

/** A Buffer or a string of hexadecimal digits. */
export type Digest<O extends HashOutput = 'hex'> = O extends 'buffer' ? Buffer : string

/** One digest, or for an array one of each item. */
export type HashResult<D, O extends HashOutput> = D extends readonly unknown[] ? Digest<O>[] : Digest<O>

/** The type of {@link hash}. */
export interface Hash {
  <D extends HashBytes | readonly HashBytes[] | HashStream, O extends HashOutput = 'hex'>(
    data: D,
    options?: HashOptions<O>,
  ): Task<HashResult<D, O>>
  /** The same on the calling thread. */
  sync<D extends HashBytes | readonly HashBytes[], O extends HashOutput = 'hex'>(
    data: D,
    options?: HashOptions<O>,
  ): HashResult<D, O>
}

/**
 * Digests of bytes. BLAKE3 (O'Connor, Aumasson, Neves and Wilcox-O'Hearn 2020) and CRC-32C (Castagnoli 1993) of one
 * large buffer run on all threads, over chunks and segments that are joined afterwards; XXH3 (Collet 2020) and SHA-256
 * (FIPS 180-4) are sequential by definition, and run on one. Many buffers run on all threads with every algorithm,
 * several side by side in SIMD lanes. The same digest on every backend, CPU and number of threads.
 *
 * @param data Bytes: a typed array, Buffer or DataView (what its memory holds, whatever the elements), ArrayBuffer,
 *   SharedArrayBuffer, or a string, of which the UTF-8 is hashed. An array of them gives an array of digests: small
 *   ones are packed in slices of a millisecond, so that lists of any length leave the event loop free. A stream of them
 *   (Readable, web ReadableStream, any async iterable) gives one digest of all chunks together, in 1 MB of memory; it
 *   is read no faster than it is hashed, and destroyed when the task is cancelled or fails.
 * @returns A string of hexadecimal digits, or a Buffer.
 * @throws TypeError or RangeError for arguments that are not as described, as for streams in the `sync` form;
 *   ERR_OFFLOOP_DETACHED; ERR_OFFLOOP_MEMORY; what the stream fails with, unchanged.
 * @example await hash(createReadStream('big.iso'), { algorithm: 'sha256' })
 * @function
 */
export const hash: Hash = defineKernel({ name: 'hash', arity: 1, plan: planHash })

function planHash([data]: readonly unknown[], raw: object, form: 'async' | 'sync'): Work<unknown> {
  const job = readJob(raw as HashOptions)
  const bytes = asBytes(() => 'data', data)
  if (bytes !== undefined) return planDigest(job, viewOfBytes(bytes))
  if (isList(data)) return hashList([...data], job)
  if (!isStream(data)) {
    const what =
      'bytes (a string, typed array, DataView, ArrayBuffer or SharedArrayBuffer), an array or a stream of them'
    throw typeMisuse('data', what, data)
  }
  return form === 'sync' ? refuseStream(data) : hashStream(data, job)
}

function readJob(options: HashOptions): HashJob {
  const { algorithm, output, seed } = options
  const chosen = algorithm === undefined ? 'blake3' : checkWord('algorithm', algorithm, algorithms)
  const form = output === undefined ? 'hex' : checkWord('output', output, ['hex', 'buffer'])
  return { algorithm: chosen, buffers: form === 'buffer', seed: seed === undefined ? noSeed : readSeed(seed, chosen) }
}

const noSeed = [0, 0] as const

function readSeed(seed: unknown, algorithm: HashAlgorithm): readonly [number, number] {
  if (algorithm !== 'xxh3' && algorithm !== 'xxh3-128') {
    throw rangeMisuse('seed', `left out, as ${algorithm} takes none`, seed)
  }
  if (typeof seed === 'bigint') {
    if (seed < 0n || seed >= 1n << 64n) throw rangeMisuse('seed', 'an integer of 64 bits', seed)
    return [Number(seed & 0xffffffffn), Number(seed >> 32n)]
  }
  const number = checkInteger('seed', seed, 0, Number.MAX_SAFE_INTEGER)
  return [number % 2 ** 32, Math.floor(number / 2 ** 32)]
}
