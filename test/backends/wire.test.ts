import * as fs from 'node:fs'
import * as path from 'node:path'

import { describe, expect, it } from 'vitest'

import { dtypes } from '../../src/types.ts'
import * as wire from '../../src/wire.ts'
import { root } from '../helpers/child.ts'

const read = (file: string): string => fs.readFileSync(path.join(root, file), 'utf8')

/** Every `inline constexpr … kName = value;` of a header, by name. */
function constants(file: string): Map<string, number> {
  const found = [...read(file).matchAll(/inline constexpr \w+ (k\w+) = ([^;{]+);/g)]
  return new Map(found.map(([, name, value]) => [name, evaluate(value)]))
}

/** Products and sums of whole numbers, with parentheses. */
function evaluate(text: string): number {
  expect(text).toMatch(/^[\d\s+*()]+$/)
  return Number(new Function(`return ${text}`)())
}

const camel = (prefix: string, name: string): string => `${prefix}${name[0].toUpperCase()}${name.slice(1)}`

describe('both sides of the seam agree', () => {
  it('on the call block and the done block', () => {
    const there = constants('native/addon/call.h')
    const here = new Map<string, number>()
    for (const [name, value] of Object.entries(wire.call)) here.set(camel('kCall', name), value)
    for (const [name, value] of Object.entries(wire.done)) here.set(camel('kDone', name), value)
    expect(here.size).toBeGreaterThan(20)
    expect(Object.fromEntries(there)).toEqual(Object.fromEntries(here))
  })

  it('on every status', () => {
    const map = [...read('native/base/status.h').matchAll(/X\(k(\w+), (\d+), "/g)]
    const there = map.map(([, name, value]) => [name[0].toLowerCase() + name.slice(1), Number(value)])
    expect(Object.fromEntries(there)).toEqual(wire.status)
  })

  it('on the order of dtypes, and their sizes', () => {
    const text = read('native/base/view.h')
    const there = [...text.matchAll(/^\s+k(\w+) = (\d+),/gm)].map(([, name, value]) => [
      name.toLowerCase(),
      Number(value),
    ])
    expect(there).toEqual(dtypes.map((name, index) => [name, index]))
    const sizes = /kSizes\[kDTypeCount\] = \{([^}]+)\}/.exec(text)?.[1].split(',').map(Number)
    const bytes = dtypes.map((name) => (name.startsWith('big') ? 8 : Number(/\d+/.exec(name)?.[0]) / 8))
    expect(sizes).toEqual(bytes)
  })

  it('on limits', () => {
    const kernel = constants('native/kernels/kernel.h')
    expect(constants('native/base/view.h').get('kMaxRank')).toBe(wire.maxRank)
    expect(kernel.get('kMaxInputs')).toBe(wire.maxInputs)
    expect(kernel.get('kMaxOutputs')).toBe(wire.maxOutputs)
    expect(kernel.get('kMaxScalars')).toBe(wire.maxScalars)
    expect(kernel.get('kMaxResults')).toBe(wire.done.words - wire.done.results)
    const threads = [...read('native/sched/pool.h').matchAll(/kMaxThreads = (\d+)/g)].map(([, value]) => Number(value))
    expect(threads).toEqual([wire.maxThreads])
  })

  it('on room for every view', () => {
    const few = 8 * (4 + 2 * wire.maxRank)
    const lists = (wire.maxInputs + wire.maxOutputs) * (4 + 2)
    expect(wire.call.words).toBe(wire.call.views + few + lists)
    expect(wire.call.carried).toBe(wire.call.views + few)
    expect(wire.call.carried + 8 * wire.call.carriedWords).toBeLessThanOrEqual(wire.call.words)
    expect(wire.call.scalars + wire.maxScalars).toBeLessThanOrEqual(wire.call.views)
  })
})
