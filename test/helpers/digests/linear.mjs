import { convolve, correlate, gram, matmul, ndarray, normalize, transpose } from 'offloop'

/** The same bits on every backend and CPU level. */
export const everywhere = ['transpose']

export default async function digest(add, options, { n, square, floats, singles, bytesOf, tables }) {
  await add('matmul', matmul(ndarray(floats, [301, 257]), ndarray(floats, [257, 123], [123, 1], 80_000), options))
  await add('matmul', matmul(ndarray(singles, [65, 1000]), ndarray(singles, [1000, 70]), options))
  await add('matmul', matmul(ndarray(floats, [100, 100, 10]), ndarray(floats, [10, 3]), options))
  for (const of of ['columns', 'rows']) {
    await add('gram', gram(ndarray(floats, [301, 257]), { ...options, of }))
    await add('gram', gram(ndarray(singles, [65, 1000]), { ...options, of }))
    await add('gram', gram(ndarray(floats, [100, 100, 10]), { ...options, of }))
  }
  await add('gram', gram(ndarray(floats, [Math.floor(n / 7), 7]), options))

  for (const table of [tables[1], tables[3], ndarray(bytesOf, square)]) {
    await add('transpose', transpose(table, options))
  }
  await add('transpose', transpose(ndarray(singles, [100, 50, 20]), { ...options, axes: [1, 0, 2] }))

  await add('normalize', normalize(floats.subarray(0, 200_000), options))
  await add('normalize', normalize(tables[1], { ...options, norm: 'l1' }))
  await add('normalize', normalize(tables[2], { ...options, norm: 'max', axis: 0 }))
  await add('normalize', normalize(tables[3], { ...options, axis: 0 }))
  await add('normalize', normalize(tables[4], { ...options, axis: 1 }))

  await add('convolve', convolve(floats.subarray(0, 60_000), floats.subarray(500, 900), { ...options, method: 'fft' }))
  for (const mode of ['full', 'same', 'valid']) {
    const [picture, weights] = [ndarray(singles, [300, 400]), ndarray(singles, [7, 5], [5, 1], 900)]
    await add('convolve', convolve(picture, weights, { ...options, mode }))
    await add('convolve', convolve(floats.subarray(0, 40_000), floats.subarray(500, 577), { ...options, mode }))
    await add('convolve', correlate(ndarray(floats, [90, 80]), ndarray(floats, [30, 20]), { ...options, mode }))
  }
}
