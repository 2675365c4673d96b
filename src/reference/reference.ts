import type { View } from '../types.ts'

/** One grid of blocks. The same form as `Phase` in native/kernels/kernel.h. */
export interface Phase {
  /** How many blocks; depends on the input alone, never on workers. */
  readonly blocks: number
  /** Float64 words of the partial that every block writes; 0 or absent for none. */
  readonly partialWords?: number
  /** Partials are folded in runs of `group` consecutive blocks; absent folds all. */
  readonly group?: number
}

export interface Layout {
  readonly phases: readonly Phase[]
  /** Bytes of working memory for the whole job (zeroed). */
  readonly scratchBytes?: number
  /** The most blocks that may run, where `next` goes back to a phase; absent: each phase runs once. For progress. */
  readonly blocksMost?: number
}

/** How many words a kernel may give back by value. */
export const resultWords = 8

/** What every function of a reference gets. All memory may be shared with other workers. */
export interface ReferenceArguments {
  readonly inputs: readonly View[]
  readonly outputs: readonly View[]
  readonly scalars: readonly number[]
  /** Values that go back by themselves; `bits` is the same memory. */
  readonly results: Float64Array
  readonly bits: BigInt64Array
  readonly scratch: ArrayBufferLike
  /** Folded partials of the last phase that had any: slot i starts at word i * partialWords. */
  partials: Float64Array
}

/** A kernel in plain JavaScript: fallback, comparison and test oracle, in the block form of the native one. */
export interface Reference {
  /** Reads shapes and scalars, never element data. */
  prepare(args: ReferenceArguments): Layout
  /** Does one block; `partial` is its own words when the phase has partials. */
  runBlock(args: ReferenceArguments, phase: number, index: number, partial: Float64Array): void
  /** Folds one partial into another. Called along the same fixed tree as in C++. */
  combine?(args: ReferenceArguments, phase: number, into: Float64Array, from: Float64Array): void
  /**
   * The phase after `phase`, whose partials are folded; called for empty ones as well. Any number from the number of
   * phases up ends the job. Absent: phase + 1.
   */
  next?(args: ReferenceArguments, phase: number): number
  /** Runs once after the last phase: writes results. */
  finish?(args: ReferenceArguments): void
}
