import { kmeans, ndarray } from 'offloop'
import type { Clusters } from 'offloop'
import { describe, expect, it } from 'vitest'

import { lanes } from '../helpers/lanes.ts'
import type { AnyKernel } from '../helpers/lanes.ts'
import { rowsIn, rowsOf } from '../helpers/vectors.ts'
import { random } from '../helpers/views.ts'
import type { Strided } from '../helpers/views.ts'

type Found = Clusters<Float64Array>
type Float = 'float32' | 'float64'

const kernel = kmeans as unknown as AnyKernel
const floats: readonly Float[] = ['float64', 'float32']

const square = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, j) => sum + (x - b[j]) ** 2, 0)
const length = (a: readonly number[]) => Math.sqrt(a.reduce((sum, x) => sum + x * x, 0))

/** Points around `k` centres that are far from one another, in turn: row i belongs to centre i % k. */
function blobs(type: Float, n: number, d: number, k: number): Strided {
  const next = random(n + d + k)
  const centres = Array.from({ length: k }, () => Array.from({ length: d }, () => (next() / 2 ** 31 - 1) * 100))
  const data = new (type === 'float64' ? Float64Array : Float32Array)(n * d)
  for (let i = 0; i < data.length; i++) data[i] = centres[Math.floor(i / d) % k][i % d] + next() / 2 ** 33
  return { data, shape: [n, d], strides: [d, 1], offset: 0 }
}

/** Lloyd's algorithm by the book, from given centroids. */
function lloyd(rows: readonly number[][], start: readonly number[][], steps: number): number[][] {
  let centroids = start.map((row) => [...row])
  for (let step = 0; step < steps; step++) {
    const groups = centroids.map((): number[][] => [])
    for (const row of rows) {
      const distances = centroids.map((centroid) => square(row, centroid))
      groups[distances.indexOf(Math.min(...distances))].push(row)
    }
    centroids = centroids.map((old, c) =>
      groups[c].length === 0
        ? old
        : old.map((_, j) => groups[c].reduce((sum, row) => sum + row[j], 0) / groups[c].length),
    )
  }
  return centroids
}

/** Labels are those of nearest centroids, as far as rounding can tell; and the inertia is what it says it is. */
function checkClusters(where: string, type: Float, x: Strided, k: number, found: Found): void {
  const rows = rowsIn(type, x)
  const d = x.shape[1]
  const centroids = rowsIn(type, found.centroids)
  expect(found.centroids.shape, where).toEqual([k, d])
  expect(found.centroids.dtype, where).toBe(type)
  expect(found.labels.length, where).toBe(rows.length)
  const epsilon = type === 'float64' ? 2 ** -52 : 2 ** -23
  const longest = Math.max(...centroids.map(length))
  let inertia = 0
  rows.forEach((row, i) => {
    const own = square(row, centroids[found.labels[i]])
    const least = Math.min(...centroids.map((centroid) => square(row, centroid)))
    inertia += own
    // Twice x·c - |c|²/2, each within (d + 2)·ε of |x||c| and of |c|²/2; squares of differences here are as good as exact.
    const error = 4 * (d + 2) * epsilon * longest * (length(row) + longest)
    if (own > least + error) expect.fail(`${where}: row ${i} is ${own} from its centroid, ${least} from another`)
  })
  // All terms are positive: n·d roundings of half an epsilon, whatever the order, here and there.
  const off = (rows.length * d + 4) * 2 ** -52 * inertia
  expect(Math.abs(found.inertia - inertia), where).toBeLessThanOrEqual(off)
}

async function onEveryLane(args: readonly unknown[], options: object, check: (found: Found, where: string) => void) {
  for (const { name, run } of lanes) check((await run(kernel, args, options, 1)) as Found, `on the lane '${name}'`)
}

describe.each(floats)('clusters of %s rows', (type) => {
  it('are found where they are plain to see, whatever the widths', async () => {
    const cases = [
      [40, 1, 2],
      [50, 2, 3],
      [301, 3, 5],
      [500, 7, 8],
      [400, 16, 9],
      [700, 17, 16],
      [600, 33, 17],
      [5001, 5, 4],
    ]
    for (const [n, d, k] of cases) {
      const x = blobs(type, n, d, k)
      // Far centres: the start finds one row of each, and the first step all of them.
      await onEveryLane([x, k], { seed: 5 }, (found, where) => {
        checkClusters(`${n} ${d} ${k} ${where}`, type, x, k, found)
        for (let i = k; i < n; i++) expect(found.labels[i]).toBe(found.labels[i % k])
        expect(new Set(found.labels).size).toBe(k)
        expect(found.iterations).toBeLessThan(10)
      })
    }
  })

  it('follow Lloyd step by step from given centroids', async () => {
    const x = rowsOf(type, 900, 6, 3)
    const rows = rowsIn(type, x)
    const init = ndarray(x.data.slice(0, 7 * 6) as Float64Array, [7, 6])
    const start = rowsIn(type, init)
    for (const steps of [1, 2, 5]) {
      const wanted = lloyd(rows, start, steps)
      await onEveryLane([x, 7], { init, maxIterations: steps, tolerance: 0 }, (found, where) => {
        checkClusters(where, type, x, 7, found)
        expect(found.iterations).toBe(steps)
        // A row between two centroids may fall to either, which moves a mean of a hundred rows by a hundredth.
        wanted.forEach((centroid, c) => {
          expect(square(centroid, rowsIn(type, found.centroids)[c])).toBeLessThan(type === 'float64' ? 1e-20 : 1e-3)
        })
      })
    }
  })

  it('are right for rows in strides, and over many blocks', async () => {
    const { data } = rowsOf(type, 25_000, 8, 9)
    const views: Strided[] = [
      { data, shape: [10_001, 4], strides: [16, 3], offset: 2 },
      { data, shape: [4, 20_000].toReversed(), strides: [1, 20_000], offset: 0 },
      { data, shape: [200, 700], strides: [-700, 1], offset: 199 * 700 },
    ]
    for (const x of views) {
      await onEveryLane([x, 6], { seed: 1, maxIterations: 4 }, (found, where) => {
        checkClusters(where, type, x, 6, found)
        expect(found.iterations).toBeLessThanOrEqual(4)
      })
    }
  })

  it('leave no cluster empty where rows differ', async () => {
    const x = rowsOf(type, 300, 3, 4)
    // All but the first centroid start where no row is.
    const far = new (type === 'float64' ? Float64Array : Float32Array)(5 * 3).fill(1e3).fill(0, 0, 3)
    await onEveryLane([x, 5], { init: ndarray(far, [5, 3]) }, (found, where) => {
      checkClusters(where, type, x, 5, found)
      expect(new Set(found.labels).size, where).toBe(5)
    })
  })
})

describe('clusters', () => {
  it('of fewer rows than clusters that differ end, with some empty', async () => {
    const x = ndarray(new Float64Array(20).fill(3, 10), [20, 1])
    await onEveryLane([x, 5], { seed: 2 }, (found, where) => {
      expect(found.inertia, where).toBe(0)
      expect(new Set(found.labels).size, where).toBe(2)
      expect(found.iterations, where).toBeLessThan(10)
    })
  })

  it('of one row a cluster are the rows', async () => {
    const x = ndarray(new Float32Array([5, 1, 3]), [3, 1])
    await onEveryLane([x, 3], { seed: 0 }, (found) => {
      expect(found.inertia).toBe(0)
      expect([...found.centroids.data].toSorted()).toEqual([1, 3, 5])
      expect([0, 1, 2].map((i) => found.centroids.at(found.labels[i], 0))).toEqual([5, 1, 3])
    })
    const vector = await kmeans(new Float64Array([1, 2, 6]), 1)
    expect(vector.centroids.toNested()).toEqual([[3]])
    expect(vector.inertia).toBe(14)
  })

  it('of rows with NaN end', async () => {
    const x = ndarray(new Float64Array([1, NaN, 2, 3, NaN, NaN, 8, 9]), [4, 2])
    await onEveryLane([x, 2], { seed: 1 }, (found) => {
      expect(found.labels.every((label) => label < 2)).toBe(true)
      expect(found.inertia).toBeNaN()
    })
  })

  it('are the same for a seed, and the task shows it', async () => {
    const x = rowsOf('float64', 2000, 4, 8)
    const task = kmeans(x as never, 9, { seed: 77 })
    expect(task.seed).toBe(77)
    const [one, again, other] = await Promise.all([
      task,
      kmeans(x as never, 9, { seed: 77, threads: 1 }),
      kmeans(x as never, 9, { seed: 78 }),
    ])
    expect(again.centroids.data).toEqual(one.centroids.data)
    expect(again.inertia).toBe(one.inertia)
    expect(other.centroids.data).not.toEqual(one.centroids.data)
    const drawn = kmeans(x as never, 9)
    const { centroids } = await drawn
    expect((await kmeans(x as never, 9, { seed: drawn.seed })).centroids.data).toEqual(centroids.data)
  })

  it('start with rows drawn in proportion to squared distance', async () => {
    // Three places: 0 eight times, 1 and 3 once each. One step from {0, 1} gives the means 0 and 2; from {0, 3} or
    // {1, 3} it gives 1/9 and 3. So a mean of 2 tells that 0 and 1 were drawn, in either order.
    const x = ndarray(new Float64Array([0, 0, 0, 0, 0, 0, 0, 0, 1, 3]), [10, 1])
    const chance = (8 / 10) * (1 / (1 + 9)) + (1 / 10) * (8 / (8 + 4))
    const runs = 2000
    let count = 0
    for (let seed = 0; seed < runs; seed++) {
      const { centroids } = kmeans.sync(x, 2, { seed, maxIterations: 1 })
      if (centroids.data.includes(2)) count++
    }
    // Five standard deviations of a share of 2,000.
    expect(Math.abs(count / runs - chance)).toBeLessThan(5 * Math.sqrt((chance * (1 - chance)) / runs))
  })

  it('say what is wrong', async () => {
    const x = ndarray(new Float32Array(12), [6, 2])
    const wrong: readonly (readonly [readonly unknown[], string])[] = [
      [[x, 0], 'Expected `k` to be an integer from 1 to 6, got `0` (number)'],
      [[x, 7], 'Expected `k` to be an integer from 1 to 6, got `7` (number)'],
      [[x], 'Expected `k` to be an integer from 1 to 6'],
      [[ndarray(new Int32Array(4), [2, 2]), 1], 'Expected `x.data` to be a Float64Array or Float32Array'],
      [[ndarray(new Float32Array(0), [0, 2]), 1], 'Expected `x.shape` to be [n, d] with n at least 1'],
      [[ndarray(new Float32Array(8), [2, 2, 2]), 1], 'Expected `x.shape` to be [n, d]'],
      [[x, 2, { seed: -1 }], 'Expected `seed` to be an integer from 0 and up, got `-1` (number)'],
      [[x, 2, { maxIterations: 0 }], 'Expected `maxIterations` to be an integer from 1'],
      [[x, 2, { tolerance: NaN }], 'Expected `tolerance` to be a number from 0 and up'],
      [[x, 2, { init: 'random' }], "Expected `init` to be 'kmeans++' or centroids [k, d]"],
      [[x, 2, { init: ndarray(new Float32Array(4), [1, 4]) }], 'Expected `init.shape` to be [2, 2]'],
      [[x, 2, { init: ndarray(new Float64Array(4), [2, 2]) }], 'Expected `init` to be of the same type as `x`'],
    ]
    for (const [args, message] of wrong) {
      await expect(kernel(...args), message).rejects.toThrow(message)
      expect(() => kernel.sync(...args), message).toThrow(message)
    }
  })
})
