import { dispatch, dispatchSync } from './dispatch.ts'
import { readEnvironment } from './environment.ts'
import { noOptions, readOptions } from './options.ts'
import { failedTask } from './pool/task.ts'
import type { Task } from './pool/task.ts'
import type { Work } from './steps.ts'

/** What a kernel is on the JavaScript side, besides its reference. */
export interface Descriptor {
  /** As in native/kernels/kernels.def and src/reference/registry.ts. */
  readonly name: string
  /** How many arguments come before the options. */
  readonly arity: number
  /**
   * Checks arguments and options, and turns them into a Plan, or into steps that run several. `raw` is the caller's
   * options object; `form` tells whether the call is the synchronous one.
   */
  plan(args: readonly unknown[], raw: object, form: 'async' | 'sync'): Work<unknown>
  /** The value of a synchronous call without options that is not worth a call into native code; else undefined. */
  few?(args: readonly unknown[]): unknown
}

/** A kernel as callers see it, and the same on the calling thread. */
export interface KernelFunction {
  (...args: never[]): Task<unknown>
  readonly sync: (...args: never[]) => unknown
}

const descriptors = new WeakMap<Function, Descriptor>()

/** Makes the public function of a kernel, typed by its own interface. */
export function defineKernel<F extends KernelFunction>(descriptor: Descriptor): F {
  const { name, arity, few } = descriptor
  const kernel = function (...args: unknown[]): Task<unknown> {
    let options = noOptions
    try {
      options = readOptions(args[arity])
      return dispatch(descriptor.plan(args, options.raw, 'async'), options, kernel)
    } catch (error) {
      return failedTask(error, options.backend === 'auto' ? fallbackName() : options.backend)
    }
  }
  const sync = function (...args: unknown[]): unknown {
    if (few !== undefined && args.length === arity) {
      const value = few(args)
      if (value !== undefined) return value
    }
    const options = readOptions(args[arity])
    return dispatchSync(descriptor.plan(args, options.raw, 'sync'), options)
  }
  Object.defineProperty(kernel, 'name', { value: name })
  Object.defineProperty(kernel, 'length', { value: arity })
  Object.defineProperty(sync, 'name', { value: `${name}.sync` })
  Object.defineProperty(sync, 'length', { value: arity })
  descriptors.set(kernel, descriptor)
  return Object.assign(kernel, { sync }) as unknown as F
}

/** The descriptor of a kernel function, undefined for any other. */
export function descriptorOf(fn: unknown): Descriptor | undefined {
  return typeof fn === 'function' ? descriptors.get(fn) : undefined
}

// A call that failed before a backend took it still has to say something.
function fallbackName() {
  try {
    return readEnvironment().backend ?? 'native'
  } catch {
    return 'native'
  }
}
