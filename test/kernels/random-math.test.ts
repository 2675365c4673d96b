import * as fs from 'node:fs'
import * as path from 'node:path'

import { describe, expect, it } from 'vitest'

import { exp, log } from '../../src/reference/math.ts'
import { exponentialZiggurat, normalZiggurat } from '../../src/reference/ziggurat.ts'
import { root } from '../helpers/child.ts'

/** Fixed point with this many binary digits: exact to far below an ulp wherever results are normal numbers. */
const digits = 1300n
const one = 1n << digits

/** ln 2 = Σ 1 / (k 2^k). */
const ln2 = Array.from({ length: Number(digits) }, (_, i) => BigInt(i + 1)).reduce((sum, k) => sum + (one >> k) / k, 0n)

/** A double in fixed point; those below 2^-1074 are none. */
function fixed(x: number): bigint {
  let shift = 0n
  while (!Number.isInteger(x)) {
    x *= 2
    shift++
  }
  return (BigInt(x) << digits) >> shift
}

/** e to the x as a significand in fixed point, from about ¾ to 1½, and a power of two. */
function exactExp(x: number): { significand: bigint; power: number } {
  const power = Math.round(x / Math.LN2)
  const r = fixed(x) - BigInt(power) * ln2
  let term = one
  let sum = one
  for (let k = 1n; term !== 0n; k++) sum += term = (term * r) / (k << digits)
  return { significand: sum, power }
}

/** How far a double is from an exact value, in units of its own last place. */
function ulps(got: number, significand: bigint, power: number): number {
  // In numbers near 1, where nothing is lost: fixed point has a thousand digits more.
  const scaled = got * 2 ** -Math.trunc(power / 2) * 2 ** -(power - Math.trunc(power / 2))
  const ulp = 2 ** (Math.floor(Math.log2(Math.abs(scaled))) - 52)
  return Number(((fixed(scaled) - significand) * 2n ** 60n) / fixed(ulp)) / 2 ** 60
}

let state = 1
const next = (): number => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  return state / 2 ** 32
}

describe('exp', () => {
  it('is within one unit in the last place', () => {
    const close = Array.from({ length: 400 }, () => (next() - 0.5) * 2 ** Math.floor(next() * 14 - 8))
    const wide = Array.from({ length: 200 }, () => next() * 1400 - 700)
    for (const x of [...close, ...wide, 0.34657359027997264, -1.0397207708399179, 709.78, -708, 1, -1]) {
      const { significand, power } = exactExp(x)
      expect(Math.abs(ulps(exp(x), significand, power)), `exp(${x})`).toBeLessThan(1)
    }
  })

  it('knows its ends', () => {
    expect([0, -0, Infinity, -Infinity, NaN, 710, -746].map(exp)).toEqual([1, 1, Infinity, 0, NaN, Infinity, 0])
    expect(exp(-745.1)).toBe(5e-324)
    expect(exp(1e-20)).toBe(1)
  })
})

describe('log', () => {
  it('is within one unit in the last place', () => {
    const close = Array.from({ length: 400 }, () => 0.5 + 1.5 * next())
    const wide = Array.from({ length: 200 }, () => (1 + next()) * 2 ** Math.floor(next() * 2000 - 1000))
    const near = [1 - 2 ** -53, 1 + 2 ** -52, 1 + 2 ** -20, 1 - 2 ** -21, 1.0001, 0.9999, Math.SQRT2, Math.SQRT1_2]
    for (const x of [...close, ...wide, ...near, Number.MAX_VALUE, 2 ** -1022]) {
      // Where exp(y) is x (1 + d), log(x) is y - d, to an order that does not matter.
      const y = log(x)
      const { significand, power } = exactExp(y)
      const half = Math.trunc(power / 2)
      const exact = fixed(x * 2 ** -half * 2 ** -(power - half))
      const off = Number(((significand - exact) << 200n) / exact) / 2 ** 200
      const ulp = 2 ** (Math.floor(Math.log2(Math.abs(y))) - 52)
      expect(Math.abs(off) / ulp, `log(${x})`).toBeLessThan(1)
    }
  })

  it('knows its ends', () => {
    expect([1, 0, -0, Infinity, -1, NaN].map(log)).toEqual([0, -Infinity, -Infinity, Infinity, NaN, NaN])
    expect(log(5e-324)).toBe(-744.4400719213812)
    expect(log(2)).toBe(Math.LN2)
    expect(log(1024)).toBe(10 * Math.LN2)
  })
})

describe('the ziggurats', () => {
  const text = fs.readFileSync(path.join(root, 'native/kernels/random_tables.h'), 'utf8')
  const table = (name: string): number[] => {
    const [, list] = new RegExp(`${name}\\[257\\] = \\{([^}]*)\\}`).exec(text) as RegExpExecArray
    return list.split(',').map((number) => {
      const [, whole, fraction = '', power] = /0x([01])\.?([0-9a-f]*)p([+-]\d+)/.exec(number) ?? ['', '0', '', '0']
      return (Number(whole) + Number(`0x${fraction || '0'}`) / 16 ** fraction.length) * 2 ** Number(power)
    })
  }

  it('are the same in C++ and in JavaScript', () => {
    expect(table('kNormalEdges')).toEqual([...normalZiggurat.edges])
    expect(table('kNormalHeights')).toEqual([...normalZiggurat.heights])
    expect(table('kExponentialEdges')).toEqual([...exponentialZiggurat.edges])
    expect(table('kExponentialHeights')).toEqual([...exponentialZiggurat.heights])
  })

  it('have layers of equal area, and a tail of the same', () => {
    for (const [{ edges, heights, tail }, whole] of [
      [normalZiggurat, Math.sqrt(Math.PI / 2)],
      [exponentialZiggurat, 1],
    ] as const) {
      const area = edges[0] * heights[1]
      for (let i = 1; i < 256; i++) {
        // What 255 roundings of edges may add up to, relative to differences of heights near 1.
        expect(Math.abs((edges[i] * (heights[i + 1] - heights[i])) / area - 1)).toBeLessThan(1e-11)
      }
      expect(heights[256]).toBe(1)
      // The layers and the tail are all there is: what lies under the density, by Simpson's rule.
      const steps = 20_000
      let under = 0
      for (let i = 0; i < steps; i++) {
        const [a, m, b] = [i, i + 0.5, i + 1].map((at) => density(whole, (at * tail) / steps))
        under += ((a + 4 * m + b) * tail) / steps / 6
      }
      expect(Math.abs((under + area - tail * heights[1]) / whole - 1)).toBeLessThan(1e-12)
    }
  })
})

const density = (whole: number, x: number): number => (whole === 1 ? Math.exp(-x) : Math.exp((-x * x) / 2))
