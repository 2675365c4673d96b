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
  /** It does what another one does, but for what is short. */
  readonly onlyShort?: boolean
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
  { ...lane('native, where it likes', 'native', {}, () => {}), onlyShort: true },
  {
    name: 'native, sync',
    run: async (kernel, args, options) => kernel.sync(...args, { ...options, backend: 'native' }),
  },
  lane('worker', 'worker', {}, (task) => expect(task.timing.threads).toBeGreaterThan(0)),
  lane('inline', 'inline', {}, (task) => expect(task.timing.threads).toBe(0)),
  {
    name: 'inline, sync',
    onlyShort: true,
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

/** A result with more values goes to the pool anyway, and takes plain JavaScript a while. */
const short = 20_000

/**
 * Runs every case on every lane. The first lane's result must be what is expected, within the errors allowed; the
 * others must have the same bits, unless `sameBits` is off: then they are held to what is expected as well.
 */
export async function checkKernel(kernel: unknown, cases: Iterable<Case>, sameBits = true): Promise<void> {
  expect(info().binary, info().reasons.join('\n')).toBeDefined()
  for (const each of cases) {
    const used = lanes.filter(({ onlyShort }) => !onlyShort || each.expected.values.length <= short)
    const results = await Promise.all(
      used.map(async ({ name, run }) => {
        const args = each.args()
        try {
          return await run(kernel as AnyKernel, args, each.options?.(args) ?? {}, each.expected.values.length)
        } catch (cause) {
          throw new Error(`${each.name} failed on the lane '${name}'`, { cause })
        }
      }),
    )
    const first = flatten(results[0])
    checkClose(`${each.name} on the lane '${used[0].name}'`, first, each.expected)
    results.forEach((result, i) => {
      const where = `${each.name} on the lane '${used[i].name}'`
      checkShape(where, result, each.expected.shape)
      if (i === 0 || (sameBits && isSame(result, results[0]))) return
      if (sameBits) checkClose(`${where}, against '${used[0].name}'`, flatten(result), { values: first })
      else checkClose(where, flatten(result), each.expected)
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
  if (hasSameBits(got, values)) return
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

/** Whether two results have the same bits all over: what most comparisons find, and at once. */
function isSame(a: unknown, b: unknown): boolean {
  if (ArrayBuffer.isView(a) || isStrided(a)) return hasSameBits(flatten(a), flatten(b))
  if (typeof a !== 'object' || a === null) return Object.is(a, b)
  const parts = Object.entries(a)
  return (
    parts.length === Object.keys(b as object).length && parts.every(([key, part]) => isSame(part, (b as never)[key]))
  )
}

/** Of arrays of one type. */
function hasSameBits(a: ArrayLike<Value>, b: ArrayLike<Value>): boolean {
  if (!ArrayBuffer.isView(a) || !ArrayBuffer.isView(b) || a.constructor !== b.constructor) return false
  const [one, other] = [a, b].map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength))
  return one.equals(other)
}

function show(value: Value): string {
  return typeof value === 'bigint' ? `${value}n` : Object.is(value, -0) ? '-0' : String(value)
}
