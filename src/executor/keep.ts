import type { ToRunner } from './messages.ts'

/** Smaller arrays are copied as soon as they are looked up. */
const leastBytes = 1 << 16

/** An array that unsettled jobs use. */
export interface Kept {
  readonly id: number
  readonly array: ArrayBufferView
  uses: number
  /** Workers that have it. */
  readonly holders: Set<{ post(message: ToRunner): void }>
}

/** How it stands in arguments: the worker makes a copy of its own for each task. */
export interface KeptReference {
  readonly '@offloop': 'kept'
  readonly id: number
}

let lastId = 0

/**
 * Large arrays that several jobs have as arguments go to a worker once, as long as one of the jobs has not settled:
 * arrays are in use until then, and nobody writes to them.
 */
export class Keeper {
  readonly #kept = new WeakMap<object, Kept>()

  /** The arrays among arguments that may be sent once, by position; undefined where there are none. */
  take(args: readonly unknown[]): (Kept | undefined)[] | undefined {
    let found: (Kept | undefined)[] | undefined
    for (let i = 0; i < args.length; i++) {
      const array = args[i]
      if (!ArrayBuffer.isView(array) || array.byteLength < leastBytes) continue
      if (array.buffer instanceof SharedArrayBuffer || array instanceof DataView) continue
      let kept = this.#kept.get(array)
      if (kept === undefined) {
        kept = { id: ++lastId, array, uses: 0, holders: new Set() }
        this.#kept.set(array, kept)
      }
      kept.uses++
      found ??= []
      found[i] = kept
    }
    return found
  }

  /** A job is over. */
  drop(all: readonly (Kept | undefined)[]): void {
    for (const kept of all) {
      if (kept === undefined || --kept.uses > 0) continue
      for (const holder of kept.holders) holder.post(['keep', kept.id, undefined])
      this.#kept.delete(kept.array)
    }
  }
}
