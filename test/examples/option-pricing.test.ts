import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { PlacedExample } from '../helpers/example.ts'

interface Priced {
  readonly name: string
  readonly price: number
  readonly error: number
  readonly exact?: number
}

const [paths, steps] = [60_000, 12]

let example: PlacedExample
let priced: Priced[]
beforeAll(async () => {
  example = new PlacedExample('option-pricing')
  priced = await price(2)
})
afterAll(() => example.remove())

async function price(workers: number, ...more: string[]): Promise<Priced[]> {
  const size = ['--paths', `${paths}`, '--steps', `${steps}`, '--workers', `${workers}`]
  const { code, stdout, stderr } = await example.run(['main.mjs', '--json', ...size, ...more])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const results = JSON.parse(stdout) as (Priced & { seconds: number })[]
  return results.map(({ name, price, error, exact }) => ({
    name,
    price,
    error,
    ...(exact === undefined ? {} : { exact }),
  }))
}

const [spot, rate, volatility] = [100, 0.03, 0.2]
const drift = rate - volatility ** 2 / 2

/** What a function of a normal number is on average, by the trapezoid rule over ten standard deviations each way. */
function average(of: (z: number) => number): number {
  const width = 1e-4
  let sum = 0
  for (let z = -10; z <= 10; z += width) sum += of(z) * Math.exp((-z * z) / 2)
  return (sum * width) / Math.sqrt(2 * Math.PI)
}

/** The times at which prices are averaged. */
const times = Array.from({ length: steps }, (_, i) => (i + 1) / steps)

describe('examples/option-pricing', () => {
  it('prices what can be integrated', () => {
    const last = (z: number): number => spot * Math.exp(drift + volatility * z)
    const mean = times.reduce((sum, time) => sum + drift * time, 0) / steps
    const covariances = times.flatMap((a) => times.map((b) => volatility ** 2 * Math.min(a, b)))
    const deviation = Math.sqrt(covariances.reduce((sum, x) => sum + x, 0)) / steps
    const geometric = (z: number): number => spot * Math.exp(mean + deviation * z)
    const expected = {
      'European call': average((z) => Math.max(0, last(z) - 105)),
      'European put': average((z) => Math.max(0, 105 - last(z))),
      'geometric Asian call': average((z) => Math.max(0, geometric(z) - 100)),
    }
    for (const [name, paid] of Object.entries(expected)) {
      const { price, error, exact } = priced.find((one) => one.name === name)!
      const right = Math.exp(-rate) * paid
      expect(exact, name).toBeCloseTo(right, 5)
      expect(Math.abs(price - right), name).toBeLessThan(4 * error)
      expect(error, name).toBeLessThan(0.1)
    }
  })

  it('prices the average of prices, which has no formula', () => {
    const { price, error, exact } = priced.find(({ name }) => name === 'Asian call')!
    expect(exact).toBeUndefined()
    const paid = simulate(40_000)
    expect(Math.abs(price - paid.mean)).toBeLessThan(4 * Math.hypot(error, paid.error))
    // The control variate is what makes it this exact.
    expect(error).toBeLessThan(paid.error / 10)
  })

  it('gives the same bits for any number of workers, and others for another seed', async () => {
    expect(await price(1)).toEqual(priced)
    expect(await price(3)).toEqual(priced)
    expect(await price(2, '--seed', '2')).not.toEqual(priced)
  })
})

/** The same as a plain loop, with other random numbers: mulberry32, and the method of Box and Muller. */
function simulate(count: number): { mean: number; error: number } {
  let state = 7
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let bits = Math.imul(state ^ (state >>> 15), 1 | state)
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits
    return (((bits ^ (bits >>> 14)) >>> 0) + 0.5) / 2 ** 32
  }
  const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
  let [sum, squares] = [0, 0]
  for (let path = 0; path < count; path++) {
    let [price, total] = [spot, 0]
    for (let step = 0; step < steps; step++) {
      price *= Math.exp(drift / steps + volatility * Math.sqrt(1 / steps) * normal())
      total += price
    }
    const paid = Math.exp(-rate) * Math.max(0, total / steps - 100)
    sum += paid
    squares += paid * paid
  }
  const mean = sum / count
  return { mean, error: Math.sqrt((squares / count - mean ** 2) / count) }
}
