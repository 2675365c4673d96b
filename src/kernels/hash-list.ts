import { pause, run } from '../steps.ts'
import type { Steps } from '../steps.ts'
import { lengthOf } from '../typed-array.ts'
import type { View } from '../types.ts'
import { digestAt, digestBytes, planDigests, readBytes, viewOfBytes } from './hash-bytes.ts'
import type { HashJob } from './hash-bytes.ts'

/** Items of at most this many bytes are copied, which costs less than holding each by itself. */
const packedItemBytes = 4096
/** Of one plan. */
const mostPackedBytes = 1 << 20
const mostPacked = 16_384
const mostViews = 1000
/** How long packing and unpacking may hold the event loop at a stretch. */
const sliceMs = 0.8
/** Looking at the clock costs as much as a small item. */
const itemsAtOnce = 32

/** Digests of every item, in order. Small ones are packed, in slices between turns of the event loop. */
export function* hashList(items: readonly unknown[], job: HashJob): Steps<(string | Buffer)[]> {
  const results: (string | Buffer)[] = Array.from({ length: items.length })
  const batch = new Batch()
  const size = digestBytes[job.algorithm]
  let next = 0
  let since = performance.now()
  while (next < items.length) {
    const first = next
    batch.clear()
    while (next < items.length && batch.add(next, items[next])) {
      next++
      if (next % itemsAtOnce === 0 && performance.now() - since > sliceMs) {
        yield pause
        since = performance.now()
      }
    }
    const part = [first / items.length, next / items.length] as const
    const count = batch.packed.length + batch.wide.length
    const digests = yield* run(
      planDigests(job, batch.inputs(), count, batch.bytes, { packed: batch.packed.length, part }),
    )
    since = performance.now()
    for (let i = 0; i < count; i++) {
      const { packed, wide } = batch
      results[i < packed.length ? packed[i] : wide[i - packed.length]] = digestAt(job, digests, i * size)
      if (i % itemsAtOnce === 0 && performance.now() - since > sliceMs) {
        yield pause
        since = performance.now()
      }
    }
  }
  return results
}

/** Items of one plan: the bytes of small ones in a row, views of the others. */
class Batch {
  /** Which items they are. */
  readonly packed: number[] = []
  readonly wide: number[] = []
  bytes = 0
  #room = Buffer.allocUnsafeSlow(4096)
  #used = 0
  readonly #starts: number[] = [0]
  readonly #views: View[] = []

  clear(): void {
    this.packed.length = this.wide.length = this.#views.length = 0
    this.#starts.length = 1
    this.#used = this.bytes = 0
  }

  /** Takes an item, or says that there is no place for it. */
  add(index: number, value: unknown): boolean {
    // Strings go straight into place; a UTF-16 code unit becomes at most three bytes.
    const isText = typeof value === 'string' && value.length * 3 <= packedItemBytes
    const data = isText ? undefined : readBytes(() => `data[${index}]`, value)
    const size = data === undefined ? (value as string).length * 3 : lengthOf(data)
    if (data !== undefined && size > packedItemBytes) {
      if (this.wide.length === mostViews) return false
      this.wide.push(index)
      this.#views.push(viewOfBytes(data))
      this.bytes += size
      return true
    }
    if (this.packed.length === mostPacked || !this.#reserve(size)) return false
    const room = this.#room
    const used = data === undefined ? room.write(value as string, this.#used, 'utf8') : size
    if (data !== undefined) room.set(data, this.#used)
    this.#used += used
    this.bytes += used
    this.packed.push(index)
    this.#starts.push(this.#used)
    return true
  }

  inputs(): View[] {
    if (this.packed.length === 0) return this.#views
    const starts = Uint32Array.from(this.#starts)
    const bytes = new Uint8Array(this.#room.buffer, 0, this.#used)
    const table: View = { data: starts, dtype: 'uint32', shape: [starts.length], strides: [1], offset: 0 }
    return [viewOfBytes(bytes), table, ...this.#views]
  }

  #reserve(size: number): boolean {
    const needed = this.#used + size
    if (needed <= this.#room.length) return true
    if (needed > mostPackedBytes) return false
    const larger = Buffer.allocUnsafeSlow(Math.min(mostPackedBytes, Math.max(needed, 4 * this.#room.length)))
    larger.set(this.#room.subarray(0, this.#used))
    this.#room = larger
    return true
  }
}
