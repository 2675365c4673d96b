import { nearest, ndarray, NDArray } from 'offloop'
import type { Neighbours } from 'offloop'
import { describe, expect, it } from 'vitest'

import { lanes } from '../helpers/lanes.ts'
import type { AnyKernel } from '../helpers/lanes.ts'
import { bitMetrics, numberMetrics, oddViews, rowsIn, rowsOf, score, similar } from '../helpers/vectors.ts'
import type { Metric, VectorType } from '../helpers/vectors.ts'
import type { Strided } from '../helpers/views.ts'

const kernel = nearest as unknown as AnyKernel
const types: readonly VectorType[] = ['float32', 'float64', 'half', 'int8', 'uint8']
const metricsOf = (type: VectorType) => (type === 'uint8' ? bitMetrics : numberMetrics)

/** On every lane: neighbours that no other row beats by more than rounding allows, in order, with their scores. */
async function checkNearest(type: VectorType, queries: Strided, base: Strided, metric: Metric, k: number) {
  const rows = rowsIn(type, base)
  const scores = rowsIn(type, queries).map((query) => rows.map((row) => score(metric, type, query, row)))
  const sign = similar(metric) ? -1 : 1
  const count = Math.min(k, rows.length)
  for (const { name, run } of lanes) {
    const where = `${type} ${metric} [${queries.shape}] in [${base.shape}], k ${k}, on the lane '${name}'`
    const found = (await run(kernel, [queries, base], { metric, k }, queries.shape[0] * count)) as Neighbours
    expect(found.indices.shape, where).toEqual([queries.shape[0], count])
    expect(found.scores.shape, where).toEqual([queries.shape[0], count])
    for (const [q, exact] of scores.entries()) {
      const indices = Array.from({ length: count }, (_, i) => found.indices.at(q, i))
      const ranks = Array.from({ length: count }, (_, i) => sign * found.scores.at(q, i))
      expect(new Set(indices).size, where).toBe(count)
      indices.forEach((index, i) => {
        const { score: wanted, error } = exact[index]
        const off = Math.abs(ranks[i] - sign * wanted)
        // The result itself is rounded to float32.
        if (!(off <= error + 2 ** -24 * Math.abs(wanted))) expect.fail(`${where}: ${index} is off by ${off}`)
        if (i > 0 && !(ranks[i - 1] < ranks[i] || (ranks[i - 1] === ranks[i] && indices[i - 1] < index))) {
          expect.fail(`${where}: ${i} is out of order`)
        }
      })
      const chosen = new Set(indices)
      exact.forEach(({ score: wanted, error }, index) => {
        if (chosen.has(index) || count === 0) return
        const least = sign * wanted + error + 2 ** -23 * Math.abs(wanted)
        if (least < ranks[count - 1]) expect.fail(`${where}: ${index} was left out`)
      })
    }
  }
}

const lastRow = (array: NDArray) => [...array.slice(array.shape[0] - 1).toTypedArray()]

describe.each(types)('the nearest of %s vectors', (type) => {
  it('are right around every width of vectors and tiles, for few queries and many', async () => {
    const lengths = [1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65, 100, 257]
    for (const [i, d] of lengths.entries()) {
      for (const [j, metric] of metricsOf(type).entries()) {
        const q = [1, 2, 5, 8, 9, 17, 48, 49][(i + 3 * j) % 8]
        const n = [1, 3, 4, 5, 7, 8, 9, 31, 100][(2 * i + j) % 9]
        const queries = rowsOf(type, q, d, i + 1, i % 3, i % 2 === 0)
        await checkNearest(type, queries, rowsOf(type, n, d, i + 50, (i + 1) % 3), metric, 1 + (i % 12))
      }
    }
  })

  it('are right over many chunks and rounds', async () => {
    for (const metric of metricsOf(type)) {
      await checkNearest(type, rowsOf(type, 3, 24, 3), rowsOf(type, 20_001, 24, 4), metric, 10)
    }
    const [first] = metricsOf(type)
    await checkNearest(type, rowsOf(type, 260, 16, 5), rowsOf(type, 1201, 16, 6), first, 3)
    await checkNearest(type, rowsOf(type, 1, 700, 5), rowsOf(type, 4000, 700, 6), first, 300)
  })

  it('are right for rows that lie apart, backwards, or on one another', async () => {
    if (type === 'half') return
    const [queries] = oddViews(type, 20, 19)
    for (const base of oddViews(type, 33, 19)) {
      for (const metric of metricsOf(type)) await checkNearest(type, queries, base, metric, 4)
    }
    const [, spread] = oddViews(type, 3, 19)
    await checkNearest(type, spread, rowsOf(type, 50, 19), metricsOf(type)[0], 4)
  })
})

describe('the nearest', () => {
  it('are in exact order where sums are exact, ties by the lower index', async () => {
    const data = Float32Array.from({ length: 900 * 3 }, (_, i) => ((i * 7919) % 13) - 6)
    for (const q of [1, 40]) {
      const queries = { data: data.slice(0, q * 3), shape: [q, 3], strides: [3, 1], offset: 0 }
      const base = { data, shape: [900, 3], strides: [3, 1], offset: 0 }
      const rows = rowsIn('float32', base)
      const wanted = rowsIn('float32', queries).flatMap((query) => {
        const squares = rows.map((row, index) => ({ index, square: score('l2sq', 'float64', query, row).score }))
        return squares.toSorted((a, b) => a.square - b.square || a.index - b.index).slice(0, 100)
      })
      for (const { run } of lanes) {
        const { indices, scores } = (await run(kernel, [queries, base], { metric: 'l2sq', k: 100 }, 100)) as Neighbours
        expect([...indices.data]).toEqual(wanted.map(({ index }) => index))
        expect([...scores.data]).toEqual(wanted.map(({ square }) => square))
      }
    }
  })

  it('are the best of all over rounds that grow, and where a block has fewer rows than k', async () => {
    // Every row is a multiple of a unit vector, and so is every query: the product is the multiple, or 0.
    const [most, d, q] = [76_000, 64, 240]
    const multiple = (row: number) => ((row * 7919) % 1013) - 506
    const rows = new Float32Array(most * d)
    for (let i = 0; i < most; i++) rows[i * d + (i % d)] = multiple(i)
    const queries = Float32Array.from({ length: q * d }, (_, i) => (i % d === Math.floor(i / d) % d ? 1 : 0))
    const best = (n: number, k: number, column: number) => {
      const groups: [number[], number[], number[]] = [[], [], []]
      for (let i = 0; i < n; i++) {
        const group = groups[1 - Math.sign(i % d === column ? multiple(i) : 0)]
        if (group !== groups[1] || group.length < k) group.push(i)
      }
      for (const group of [groups[0], groups[2]]) group.sort((a, b) => multiple(b) - multiple(a) || a - b)
      return groups.flat().slice(0, k)
    }
    for (const [n, k] of [
      [most, 1],
      [most, 10],
      [most, 1500],
      [2000, 2000],
    ]) {
      const wanted = Array.from({ length: d }, (_, column) => best(n, k, column)).flat()
      for (const { name, run } of lanes.filter((lane) => lane.name.startsWith('native'))) {
        const args = [ndarray(queries, [q, d]), ndarray(rows.subarray(0, n * d), [n, d])]
        const { indices } = (await run(kernel, args, { metric: 'dot', k }, q * k)) as Neighbours
        const wrong = indices.data.findIndex((index, i) => index !== wanted[i % wanted.length])
        expect(wrong, `${name}, k ${k} of ${n}`).toBe(-1)
      }
    }
  })

  it('of zero vectors have a cosine of 0, of empty bits a jaccard distance of 0', async () => {
    for (const { run } of lanes) {
      const zeros = ndarray(new Float32Array(6), [2, 3])
      const found = (await run(kernel, [zeros, zeros], {}, 4)) as Neighbours
      expect([...found.scores.data]).toEqual([0, 0, 0, 0])
      expect([...found.indices.data]).toEqual([0, 1, 0, 1])
      const bits = ndarray(new Uint8Array(2), [2, 1])
      const empty = (await run(kernel, [bits, bits], { metric: 'jaccard' }, 4)) as Neighbours
      expect([...empty.scores.data]).toEqual([0, 0, 0, 0])
    }
  })

  it('put NaN last, and infinities where they belong', async () => {
    const column = [NaN, 1, Infinity, -Infinity, NaN, 3, 0]
    for (const q of [1, 30]) {
      const base = ndarray(Float32Array.from(column), [7, 1])
      const queries = ndarray(new Float32Array(q).fill(1), [q, 1])
      for (const { run } of lanes) {
        const dot = (await run(kernel, [queries, base], { metric: 'dot' }, 7 * q)) as Neighbours
        expect(lastRow(dot.indices)).toEqual([2, 5, 1, 6, 3, 0, 4])
        const l2sq = (await run(kernel, [queries, base], { metric: 'l2sq' }, 7 * q)) as Neighbours
        expect(lastRow(l2sq.indices)).toEqual([1, 6, 5, 2, 3, 0, 4])
        expect(lastRow(l2sq.scores)).toEqual([0, 1, 4, Infinity, Infinity, NaN, NaN])
      }
    }
  })

  it('lose no digits where rows are near one another', async () => {
    const base = Float32Array.from({ length: 64 }, (_, i) => 1000 + i * 2 ** -10)
    for (const { run } of lanes) {
      const args = [ndarray(base.slice(0, 32), [32, 1]), ndarray(base, [64, 1])]
      const { indices, scores } = (await run(kernel, args, { metric: 'l2', k: 2 }, 64)) as Neighbours
      expect(indices.at(5, 0)).toBe(5)
      expect(scores.at(5, 1)).toBe(2 ** -10)
      expect(indices.at(5, 1)).toBe(4)
    }
  })

  it('are as many as there are, and of a single vector one row', async () => {
    const base = ndarray(new Float64Array([1, 0, 0, 1]), [2, 2])
    const { indices, scores } = await nearest(new Float64Array([1, 0]), base, { k: 5 })
    expect(indices).toBeInstanceOf(NDArray)
    expect(indices.toNested()).toEqual([[0, 1]])
    expect(scores.toNested()).toEqual([[1, 0]])
    const none = await nearest(ndarray(new Float32Array(0), [0, 4]), ndarray(new Float32Array(8), [2, 4]))
    expect(none.indices.shape).toEqual([0, 2])
    const empty = await nearest(new Float32Array(4), ndarray(new Float32Array(0), [0, 4]))
    expect(empty.indices.shape).toEqual([1, 0])
  })

  it('of vectors said to be of length 1 are those of the dot product', async () => {
    const [queries, base] = [rowsOf('float32', 3, 20, 1), rowsOf('float32', 40, 20, 2)]
    const normalized = await nearest(queries as never, base as never, { normalized: true })
    const dot = await nearest(queries as never, base as never, { metric: 'dot' })
    expect(normalized.scores.data).toEqual(dot.scores.data)
  })

  it('go to `out`', async () => {
    const base = ndarray(new Float32Array([1, 2, 3, 4]), [4, 1])
    const out = [new Uint32Array(2), ndarray(new Float32Array(4), [1, 2], [4, 2], 1)] as const
    for (const { run } of lanes) {
      const found = (await run(kernel, [new Float32Array([1]), base], { metric: 'dot', k: 2, out }, 2)) as Neighbours
      expect(found.indices.data).toBe(out[0])
      expect(found.scores).toBe(out[1])
      expect([...out[0]]).toEqual([3, 2])
      expect([...out[1].data]).toEqual([0, 4, 0, 3])
    }
  })

  it('say what is wrong', async () => {
    const f32 = (n: number, d: number) => ndarray(new Float32Array(n * d), [n, d])
    const wrong: readonly (readonly [readonly unknown[], string])[] = [
      [[f32(1, 2), f32(3, 2), { k: 0 }], 'Expected `k` to be an integer from 1 and up, got `0` (number)'],
      [[f32(1, 2), f32(3, 2), { metric: 'cos' }], 'Expected `metric` to be one of '],
      [[f32(1, 2), f32(3, 3)], 'Expected `base.shape` to be [n, 2], as `queries` has vectors of that length'],
      [[f32(1, 2), ndarray(new Float64Array(4), [2, 2])], 'Expected `base` to be of the same type as `queries`'],
      [[f32(1, 2), f32(3, 2), { metric: 'hamming' }], 'Expected `queries.data` to be a Uint8Array'],
      [[new Uint8Array(2), ndarray(new Uint8Array(4), [2, 2])], 'Expected `queries` to be a Float32Array'],
      [[f32(1, 2), new Float32Array(2)], 'Expected `base.shape` to be [n, d]'],
      [[f32(1, 2), f32(1, 2), { normalized: 1 }], 'Expected `normalized` to be a boolean'],
      [[f32(1, 2), f32(1, 2), { out: new Uint32Array(1) }], 'Expected `out` to be two arrays'],
      [[new Int8Array(65_537), ndarray(new Int8Array(65_537), [1, 65_537])], 'at most 65536 for int8'],
    ]
    for (const [args, message] of wrong) {
      await expect(kernel(...args), message).rejects.toThrow(message)
      expect(() => kernel.sync(...args), message).toThrow(message)
    }
  })
})
