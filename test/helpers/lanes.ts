import { expect } from 'vitest'
import { info, NDArray } from 'offloop'
import type { Task } from 'offloop'

import { flatten, isStrided } from './views.ts'
import type { Value } from './views.ts'

/** A kernel, whatever it takes. */
export interface AnyKernel {
  (...args: unknown[]): Task<unknown>
  sync(...args: unknown[]): unknown
}

/** One call with the result it must have. */
export interface Case {
  readonly name: string
  /** Made anew for every lane, as sorting in place changes them. */
  readonly args: () => readonly unknown[]
  readonly options?: (args: readonly unknown[]) => object
  readonly expected: Expected
}

export interface Expected {
  readonly values: ArrayLike<Value>
  /** How far off each value may be; absent where the result is exact. */
  readonly errors?: ArrayLike<number> | undefined
  /** Of an NDArray result. */
  readonly shape?: readonly number[] | undefined
}

interface Lane {
  readonly name: string
  run(kernel: AnyKernel, args: readonly unknown[], options: object, values: number): Promise<unknown>
}

/** Every way a kernel can run. Each proves that it was taken. */
export const lanes: readonly Lane[] = [
  lane('native, on the pool', 'native', { onProgress: () => {} }, (task) => {
    expect(task.timing.threads).toBeGreaterThan(0)
  }),
  lane('native, on one thread', 'native', { onProgress: () => {}, threads: 1 }, (task) => {
    expect(task.timing.threads).toBe(1)
  }),
  lane('native, where it likes', 'native', {}, () => {}),
  {
    name: 'native, sync',
    run: async (kernel, args, options) => kernel.sync(...args, { ...options, backend: 'native' }),
  },
  lane('worker', 'worker', {}, (task) => expect(task.timing.threads).toBeGreaterThan(0)),
  lane('inline', 'inline', {}, (task) => expect(task.timing.threads).toBe(0)),
  {
    name: 'inline, sync',
    run: async (kernel, args, options) => kernel.sync(...args, { ...options, backend: 'inline' }),
  },
]

function lane(name: string, backend: string, more: object, prove: (task: Task<unknown>) => void): Lane {
  return {
    name,
    async run(kernel, args, options, values) {
      const task = kernel(...args, { ...options, ...more, backend })
      const value = await task
      expect(task.backend).toBe(backend)
      expect(task.status).toBe('done')
      expect(task.progress).toBe(1)
      // Where there is nothing to do, nobody does it.
      if (values > 0) prove(task)
      return value
    },
  }
}

/**
 * Runs every case on every lane. The first lane's result must be what is expected, within the errors allowed; the
 * others must have the same bits, unless `sameBits` is off: then they are held to what is expected as well.
 */
export async function checkKernel(kernel: unknown, cases: Iterable<Case>, sameBits = true): Promise<void> {
  expect(info().binary, info().reasons.join('\n')).toBeDefined()
  for (const each of cases) {
    const results = await Promise.all(
      lanes.map(({ name, run }) => {
        const args = each.args()
        return run(kernel as AnyKernel, args, each.options?.(args) ?? {}, each.expected.values.length).catch(
          (cause: unknown) => {
            throw new Error(`${each.name} failed on the lane '${name}'`, { cause })
          },
        )
      }),
    )
    results.forEach((result, i) => {
      const where = `${each.name} on the lane '${lanes[i].name}'`
      checkShape(where, result, each.expected.shape)
      const values = flatten(result)
      if (i === 0 || !sameBits) checkClose(where, values, each.expected)
      else checkClose(`${where}, against '${lanes[0].name}'`, values, { values: flatten(results[0]) })
    })
  }
}

function checkShape(where: string, result: unknown, shape: readonly number[] | undefined): void {
  if (shape === undefined) return
  for (const array of isStrided(result) ? [result] : Object.values(result as object)) {
    expect(array, where).toBeInstanceOf(NDArray)
    expect((array as NDArray).shape, where).toEqual(shape)
  }
}

/** Any NaN equals any NaN, -0 differs from +0. */
export function checkClose(where: string, got: ArrayLike<Value>, { values, errors }: Expected): void {
  if (got.length !== values.length) throw new Error(`${where}: ${got.length} values, expected ${values.length}`)
  for (let i = 0; i < got.length; i++) {
    if (Object.is(got[i], values[i])) continue
    const off = typeof got[i] === 'number' ? Math.abs((got[i] as number) - (values[i] as number)) : Infinity
    if (off > 0 && off <= (errors?.[i] ?? 0)) continue
    throw new Error(
      `${where}: value ${i} is ${show(got[i])}, expected ${show(values[i])}` +
        (errors === undefined ? ' exactly' : `, off by ${off}, allowed ${errors[i]}`),
    )
  }
}

function show(value: Value): string {
  return typeof value === 'bigint' ? `${value}n` : Object.is(value, -0) ? '-0' : String(value)
}
