// A string of limited length in shared memory. There are two texts, and a version that says which one counts: a writer
// writes the other one and then the version, so that readers never wait, and a writer that dies in between has done
// nothing.
import { rangeMisuse, typeMisuse } from '../errors.ts'
import type { AgentTable } from '../liveness.ts'
import { Guard } from './guard.ts'
import { stringWords, textBytes } from './struct-layout.ts'

export class SharedText {
  readonly #words: Int32Array
  readonly #bytes: Uint8Array
  readonly #base: number
  readonly #most: number
  readonly #guard: Guard

  /** From a word of shared memory on. */
  constructor(words: Int32Array, base: number, most: number, agents: AgentTable) {
    this.#words = words
    this.#bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength)
    this.#base = base
    this.#most = most
    this.#guard = new Guard(words, base + stringWords.guard, agents)
  }

  get(): string {
    for (;;) {
      const version = Atomics.load(this.#words, this.#base + stringWords.version)
      const at = this.#textAt(version)
      const length = Math.min(Atomics.load(this.#words, at), this.#most)
      const copy = new Int32Array(Math.ceil(length / 4))
      // Loads keep their order, which copying would not promise.
      for (let i = 0; i < copy.length; i++) copy[i] = Atomics.load(this.#words, at + 1 + i)
      if (Atomics.load(this.#words, this.#base + stringWords.version) !== version) continue
      return Buffer.from(copy.buffer, 0, length).toString('utf8')
    }
  }

  set(name: string, value: unknown): void {
    if (typeof value !== 'string') throw typeMisuse(name, 'a string', value)
    const bytes = Buffer.from(value, 'utf8')
    if (bytes.length > this.#most) {
      throw rangeMisuse(name, `a string of at most ${this.#most} bytes in UTF-8, not ${bytes.length}`, value)
    }
    this.#guard.run(() => {
      const version = Atomics.load(this.#words, this.#base + stringWords.version)
      const at = this.#textAt(version + 1)
      this.#bytes.set(bytes, (at + 1) * 4)
      Atomics.store(this.#words, at, bytes.length)
      Atomics.store(this.#words, this.#base + stringWords.version, version + 1)
    })
  }

  #textAt(version: number): number {
    return this.#base + stringWords.texts + ((version & 1) * textBytes(this.#most)) / 4
  }
}
