import { matmul, ndarray } from 'offloop'

/** The same bits on every backend and CPU level. */
export const everywhere = []

export default async function digest(add, options, { floats, singles }) {
  await add('matmul', matmul(ndarray(floats, [301, 257]), ndarray(floats, [257, 123], [123, 1], 80_000), options))
  await add('matmul', matmul(ndarray(singles, [65, 1000]), ndarray(singles, [1000, 70]), options))
  await add('matmul', matmul(ndarray(floats, [100, 100, 10]), ndarray(floats, [10, 3]), options))
}
