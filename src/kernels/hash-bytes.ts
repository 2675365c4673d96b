import { types } from 'node:util'

import { codedError, typeMisuse } from '../errors.ts'
import type { Planned } from '../plan.ts'
import { bufferOf, byteOffsetOf, bytesPerElement, dtypeOf, isDetached, isGone, lengthOf } from '../typed-array.ts'
import type { TypedArray, View } from '../types.ts'

/** What has bytes: of arrays those that they lie in, in the machine's order; of strings UTF-8. */
export type HashBytes = string | ArrayBuffer | SharedArrayBuffer | ArrayBufferView

/** The order is that of HashAlgorithm in native/kernels/hash_plan.h. */
export const algorithms = ['blake3', 'xxh3', 'xxh3-128', 'crc32c', 'sha256'] as const
/**
 * The algorithms of {@link hash}.
 * @useDeclaredType
 */
export type HashAlgorithm = (typeof algorithms)[number]

export const digestBytes = { blake3: 32, xxh3: 8, 'xxh3-128': 16, crc32c: 4, sha256: 32 } as const

/** One call's options, read. */
export interface HashJob {
  readonly algorithm: HashAlgorithm
  readonly buffers: boolean
  /** Low and high 32 bits. */
  readonly seed: readonly [number, number]
}

/** As HashMode in native/kernels/hash_plan.h. */
export const mode = { digest: 0, update: 1, final: 2 } as const

/** The bytes of an argument, without a copy but for strings. */
export function readBytes(name: () => string, value: unknown): Uint8Array {
  const bytes = asBytes(name, value)
  if (bytes === undefined) throw typeMisuse(name(), what, value)
  return bytes
}

const what = 'bytes (a string, typed array, DataView, ArrayBuffer or SharedArrayBuffer)'

/** The same; undefined for what has no bytes. */
export function asBytes(name: () => string, value: unknown): Uint8Array | undefined {
  if (typeof value === 'string') return Buffer.from(value, 'utf8')
  const dtype = dtypeOf(value)
  if (dtype !== undefined) {
    const array = value as TypedArray
    const length = lengthOf(array)
    if (length === 0 && isGone(array)) throw codedError('ERR_OFFLOOP_DETACHED', [name()])
    if (dtype === 'uint8') return array as Uint8Array
    return new Uint8Array(bufferOf(array), byteOffsetOf(array), length * bytesPerElement(dtype))
  }
  if (types.isSharedArrayBuffer(value)) return new Uint8Array(value)
  if (types.isArrayBuffer(value)) {
    if (isDetached(value)) throw codedError('ERR_OFFLOOP_DETACHED', [name()])
    return new Uint8Array(value)
  }
  return types.isDataView(value) ? bytesOfDataView(name, value) : undefined
}

function bytesOfDataView(name: () => string, value: DataView): Uint8Array {
  try {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
  } catch (cause) {
    throw codedError('ERR_OFFLOOP_DETACHED', [name()], { cause })
  }
}

export function viewOfBytes(data: Uint8Array): View {
  return { data, dtype: 'uint8', shape: [lengthOf(data)], strides: unitStrides, offset: 0 }
}

const unitStrides = Object.freeze([1])

/** Nanoseconds of one native thread for a byte, and for an item beside its bytes. */
const byteCost = { blake3: 0.2, xxh3: 0.04, 'xxh3-128': 0.04, crc32c: 0.05, sha256: 0.4 } as const
const itemCost = { blake3: 100, xxh3: 30, 'xxh3-128': 30, crc32c: 30, sha256: 100 } as const

/** Digests of `items` items, one after another, or a step of a stream (`before` bytes of it are in `out`). */
export function planDigests(
  job: HashJob,
  inputs: readonly View[],
  items: number,
  bytes: number,
  more: {
    readonly packed?: number
    readonly mode?: number
    readonly before?: number
    readonly out?: Uint8Array
    readonly part?: readonly [number, number]
  } = {},
): Planned<Buffer> {
  const { algorithm, seed } = job
  const out = more.out ?? new Uint8Array(items * digestBytes[algorithm])
  const scalars = [
    algorithms.indexOf(algorithm),
    more.packed ?? 0,
    more.mode ?? mode.digest,
    more.before ?? 0,
    seed[0],
    seed[1],
  ]
  return {
    plan: {
      kernel: 'hash',
      inputs,
      outputs: [viewOfBytes(out)],
      scalars,
      freshOutputs: more.out === undefined,
      cost: 300 + bytes * byteCost[algorithm] + items * itemCost[algorithm],
    },
    ...(more.part === undefined ? {} : { part: more.part }),
    value: () => Buffer.from(out.buffer, out.byteOffset, out.length),
  }
}

/** The digest of one item. It comes back by value: an array for it would cost more than a small item's hash. */
export function planDigest(job: HashJob, input: View): Planned<string | Buffer> {
  const { algorithm, seed } = job
  const bytes = input.shape[0]
  return {
    plan: {
      kernel: 'hash',
      inputs: [input],
      outputs: noViews,
      scalars: [algorithms.indexOf(algorithm), 0, mode.digest, 0, seed[0], seed[1]],
      freshOutputs: true,
      cost: 300 + bytes * byteCost[algorithm] + itemCost[algorithm],
    },
    value: ({ numbers, at }) => digestAt(job, bytesOfResults(numbers), 8 * at),
  }
}

const noViews: readonly View[] = Object.freeze([])

// The native side gives its results in the same memory again and again.
let lastNumbers: Float64Array | undefined
let lastBytes: Buffer | undefined

function bytesOfResults(numbers: Float64Array): Buffer {
  if (numbers !== lastNumbers || lastBytes === undefined) {
    lastNumbers = numbers
    lastBytes = Buffer.from(numbers.buffer as ArrayBuffer, numbers.byteOffset, numbers.byteLength)
  }
  return lastBytes
}

/** The digest that begins at a byte of several, as the caller wants it. */
export function digestAt(job: HashJob, digests: Buffer, at: number): string | Buffer {
  const size = digestBytes[job.algorithm]
  if (!job.buffers) return digests.toString('hex', at, at + size)
  const digest = Buffer.allocUnsafe(size)
  digests.copy(digest, 0, at, at + size)
  return digest
}
