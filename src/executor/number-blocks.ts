/** Blocks that are kept are not larger than this. */
const mostBytes = 1 << 25

/**
 * Shared memory for maps over numbers, used again: the pages of new memory cost the main thread more than what is
 * written there. A block comes back only when no worker can touch it any more.
 */
export class NumberBlocks {
  readonly #free: SharedArrayBuffer[] = []

  take(bytes: number): SharedArrayBuffer {
    const index = this.#free.findIndex((block) => block.byteLength >= bytes && block.byteLength <= 4 * bytes)
    return index === -1 ? new SharedArrayBuffer(bytes) : this.#free.splice(index, 1)[0]
  }

  give(block: SharedArrayBuffer): void {
    if (block.byteLength > mostBytes) return
    this.#free.push(block)
    if (this.#free.length > 4) this.#free.shift()
  }
}
