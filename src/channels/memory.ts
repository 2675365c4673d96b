// Memory of an object that grows as it fills: a block of words that every thread sees, and address space behind it, of
// which the system gives what is touched. It never shrinks and never moves, so old views stay true.
import { codedError } from '../errors.ts'
import { shareWords } from '../sync/shared-words.ts'
import type { Shared } from '../sync/shared-words.ts'

const startBytes = 1 << 14

/** Growable memory of at most `maxBytes` behind `words` words; all is 0. */
export function newGrowable(words: number, maxBytes: number, forWhom: string): Shared {
  const controlBytes = words * 4
  const maxByteLength = roundUp(controlBytes + maxBytes)
  try {
    const buffer = new SharedArrayBuffer(Math.min(controlBytes + startBytes, maxByteLength), { maxByteLength })
    return shareWords(new Int32Array(buffer, 0, words))
  } catch (cause) {
    throw codedError('ERR_OFFLOOP_MEMORY', [forWhom], { cause })
  }
}

/** The views of one thread over such memory, as far as it has seen it grow. */
export class Memory {
  words!: Int32Array
  floats!: Float64Array
  longs!: BigInt64Array
  bytes!: Buffer
  readonly #buffer: SharedArrayBuffer

  constructor(buffer: SharedArrayBuffer) {
    this.#buffer = buffer
    this.#look()
  }

  /** Makes sure that all words below `end` can be read. */
  reach(end: number): void {
    if (end > this.words.length) this.#look()
  }

  /** The same, and lets the memory grow where it must; for one thread at a time. */
  grow(end: number, forWhom: string): void {
    if (end * 4 > this.#buffer.byteLength) {
      const { byteLength, maxByteLength } = this.#buffer
      try {
        this.#buffer.grow(Math.min(Math.max(end * 4, byteLength * 2), maxByteLength))
      } catch (cause) {
        throw codedError('ERR_OFFLOOP_MEMORY', [forWhom], { cause })
      }
    }
    this.reach(end)
  }

  // Views that follow the length by themselves are twenty times slower.
  #look(): void {
    const { byteLength } = this.#buffer
    this.words = new Int32Array(this.#buffer, 0, byteLength >> 2)
    this.floats = new Float64Array(this.#buffer, 0, byteLength >> 3)
    this.longs = new BigInt64Array(this.#buffer, 0, byteLength >> 3)
    this.bytes = Buffer.from(this.#buffer as unknown as ArrayBuffer, 0, byteLength)
  }
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / 8) * 8
}
