import { typeMisuse } from '../errors.ts'
import { run } from '../steps.ts'
import type { Steps } from '../steps.ts'
import { bufferOf, byteOffsetOf, lengthOf } from '../typed-array.ts'
import { digestAt, mode, planDigest, planDigests, readBytes, viewOfBytes } from './hash-bytes.ts'
import type { HashBytes, HashJob } from './hash-bytes.ts'

/** A Readable of Node, a web ReadableStream, or any other async iterable, of chunks of bytes. */
export type HashStream = AsyncIterable<HashBytes> | WebStream

/** As much of a web ReadableStream as is used. */
export interface WebStream {
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: unknown }>
    cancel(reason?: unknown): Promise<void>
    releaseLock(): void
  }
}

/** As in native/kernels/hash_plan.h: every piece of a stream but the last has this many bytes. */
const pieceBytes = 1 << 20
const stateBytes = 2048

/** Where chunks come from. */
interface Source {
  next(): Promise<{ readonly done?: boolean; readonly value?: unknown }>
  /** The stream has ended by itself. */
  release(): void
  /** Nobody will read on. */
  cancel(): void
}

export function isStream(value: unknown): value is HashStream {
  if (typeof value !== 'object' || value === null) return false
  return isWebStream(value) || typeof (value as AsyncIterable<unknown>)[Symbol.asyncIterator] === 'function'
}

function isWebStream(value: object): value is WebStream {
  return typeof (value as WebStream).getReader === 'function'
}

/**
 * The digest of all chunks together. Holds one piece of the stream at a time, and takes the next chunk only when the
 * one before is in it. However it ends before the stream does, the stream is destroyed.
 */
export function* hashStream(stream: HashStream, job: HashJob): Steps<string | Buffer> {
  const source = open(stream)
  let ended = false
  try {
    const state = new Uint8Array(stateBytes)
    let piece: Buffer<ArrayBufferLike> = Buffer.allocUnsafeSlow(0)
    let filled = 0
    let before = 0
    const update = function* (bytes: Uint8Array): Steps<void> {
      const more = { mode: mode.update, before, out: state, part: nowhere }
      yield* run(planDigests(job, [viewOfBytes(bytes)], 1, pieceBytes, more))
      before += pieceBytes
    }
    for (let index = 0; ; index++) {
      const { done, value } = (yield source.next()) as { done?: boolean; value: unknown }
      if (done === true) {
        ended = true
        break
      }
      const chunk = readBytes(() => `chunk ${index} of data`, value)
      const length = lengthOf(chunk)
      for (let at = 0; at < length;) {
        // A whole piece is hashed only when more follows: the last bytes of a stream are special.
        if (filled === pieceBytes) {
          yield* update(piece)
          filled = 0
        }
        if (filled === 0 && length - at > pieceBytes) {
          yield* update(within(chunk, at, pieceBytes))
          at += pieceBytes
          continue
        }
        const count = Math.min(length - at, pieceBytes - filled)
        if (filled + count > piece.length) piece = grow(piece, filled, filled + count)
        piece.set(within(chunk, at, count), filled)
        filled += count
        at += count
      }
    }
    const rest = viewOfBytes(piece.subarray(0, filled))
    if (before === 0) return yield* run({ ...planDigest(job, rest), part: nowhere })
    const more = { mode: mode.final, before, out: state, part: nowhere }
    return digestAt(job, yield* run(planDigests(job, [rest], 1, filled, more)), 0)
  } finally {
    if (ended) source.release()
    else source.cancel()
  }
}

/** How far a stream has come is not known before its end. */
const nowhere = [0, 0] as const

/** A stream can't be waited for in the synchronous form. */
export function refuseStream(stream: unknown): never {
  throw typeMisuse('data', 'bytes or an array of them, as hash.sync can not wait for a stream', stream)
}

function within(chunk: Uint8Array, at: number, length: number): Uint8Array {
  return new Uint8Array(bufferOf(chunk), byteOffsetOf(chunk) + at, length)
}

function grow(piece: Buffer<ArrayBufferLike>, filled: number, needed: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(Math.min(pieceBytes, Math.max(needed, 2 * piece.length)))
  larger.set(piece.subarray(0, filled))
  return larger
}

function open(stream: HashStream): Source {
  if (isWebStream(stream)) {
    const reader = stream.getReader()
    return {
      next: () => reader.read(),
      release: () => reader.releaseLock(),
      cancel: () => void reader.cancel().then(undefined, ignore),
    }
  }
  const iterator = stream[Symbol.asyncIterator]()
  const { destroy } = stream as { destroy?: unknown }
  return {
    next: async () => iterator.next(),
    release: ignore,
    cancel() {
      // A stream of Node is destroyed even while it has nothing to give; an iterator is told once it has.
      if (typeof destroy === 'function') destroy.call(stream)
      else void (async () => iterator.return?.())().then(undefined, ignore)
    },
  }
}

function ignore(): void {}
