import { existsSync } from 'node:fs'
import * as path from 'node:path'

import type { TypedArray } from './types.ts'
import { call, done } from './wire.ts'

/** What the addon says of itself. */
export interface BindingInfo {
  readonly threads: number
  readonly threadsStarted: number
  readonly threadsParked: number
  readonly jobsQueued: number
  readonly jobsRunning: number
  readonly jobsDone: number
  readonly cpu: string
  readonly cpuBest: string
  readonly memory: 'pinned' | 'copied'
  readonly kernels: readonly { readonly name: string; readonly version: number }[]
}

/** The eight entry points of native/addon/addon.cc. Only backends/native.ts and info.ts use them. */
export interface Binding {
  /** The first call of an environment hands over both blocks and gets queue 0, the shared one. */
  open(threads: number, call: Float64Array, done: Float64Array, wake: () => void): number
  /** A queue of its own on the one pool. */
  open(threads: number): number
  /** Starts what the call block describes, with the arrays of its views; status and slot come back in the block. */
  submit(...arrays: readonly TypedArray[]): void
  /** Runs it on the calling thread; status and results come back in the block. */
  run(...arrays: readonly TypedArray[]): void
  cancel(slot: number): void
  /** Writes finished jobs into the done block and says how many; until it gives 0 no new wake-up comes. */
  collect(): number
  info(): BindingInfo
  /** State and progress of a job, into the call block. */
  info(slot: number): void
  close(queue: number): void
  /** Sets a word of shared memory to 0 when this environment ends, in whatever way it does. */
  clearAtEnd(words: Int32Array, index: number): void
}

/** A loaded addon with its blocks. */
export interface Loaded {
  readonly binding: Binding
  /** Where the binary is. */
  readonly file: string
  readonly call: Float64Array
  readonly done: Float64Array
  /** The same memory as the blocks. */
  readonly callBits: BigInt64Array
  readonly doneBits: BigInt64Array
}

interface Resolver {
  path(directory: string): string
  (directory: string): unknown
}

let loaded: Loaded | undefined
let failure: Error | undefined

/** Loads the addon on first use. `wake` is called when jobs are done. Undefined where no binary loads. */
export function loadBinding(wake: () => void): Loaded | undefined {
  if (loaded !== undefined || failure !== undefined) return loaded
  try {
    const load = require('node-gyp-build') as Resolver
    const file = load.path(path.join(__dirname, '..'))
    const binding = require(file) as Binding
    const callBlock = new Float64Array(call.words)
    const doneBlock = new Float64Array(done.records * done.words)
    binding.open(0, callBlock, doneBlock, wake)
    loaded = {
      binding,
      file,
      call: callBlock,
      done: doneBlock,
      callBits: new BigInt64Array(callBlock.buffer),
      doneBits: new BigInt64Array(doneBlock.buffer),
    }
  } catch (error) {
    failure = error as Error
  }
  return loaded
}

/** What loadBinding loaded, if it did. */
export function loadedBinding(): Loaded | undefined {
  return loaded
}

/** Why no binary loaded, in one line. */
export function bindingFailure(): string | undefined {
  if (failure === undefined) return undefined
  if (!existsSync(path.join(__dirname, 'backends'))) {
    return 'offloop is inside of a bundle, where neither its binary nor its workers are. Make it external (docs/bundlers.md)'
  }
  const [line] = failure.message.split('\n')
  const advice = 'If your package manager blocks install scripts, allow them for offloop and run `npm rebuild offloop`'
  return /No native build was found/.test(line)
    ? `no native binary for ${process.platform}-${process.arch}, neither prebuilt nor compiled. ${advice}`
    : `the native binary does not load: ${line}`
}
