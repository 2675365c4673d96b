import { argmax, argmin, describe, dot, max, mean, min, minmax, norm, std, sum, variance } from 'offloop'

/** The same bits on every backend and CPU level. */
export const everywhere = [
  'sum',
  'mean',
  'variance',
  'std',
  'minmax',
  'min',
  'max',
  'argmin',
  'argmax',
  'dot',
  'norm',
  'describe',
]

export default async function digest(add, options, { inputs, special, tables }) {
  for (const x of inputs) {
    const skip = x === special ? [{}, { skipNaN: true }] : [{}]
    for (const more of skip) {
      await add('sum', sum(x, { ...options, ...more }))
      await add('mean', mean(x, { ...options, ...more }))
      await add('variance', variance(x, { ...options, ...more }))
      await add('minmax', minmax(x, { ...options, ...more }))
      await add('dot', dot(x, x.toReversed(), { ...options, ...more }))
      await add('argmin', argmin(x, { ...options, ...more }))
      await add('norm', norm(x, { ...options, ...more }))
      if (x !== special && x.length > 100_000) continue
      await add('std', std(x, { ...options, ...more, ddof: 1 }))
      await add('min', min(x, { ...options, ...more }))
      await add('max', max(x, { ...options, ...more }))
      await add('argmax', argmax(x, { ...options, ...more }))
      for (const ord of [1, Infinity]) await add('norm', norm(x, { ...options, ...more, ord }))
      await add('describe', describe(x, { ...options, ...more }))
    }
  }
  for (const table of tables) {
    for (const axis of [0, 1]) {
      await add('sum', sum(table, { ...options, axis }))
      await add('mean', mean(table, { ...options, axis }))
      await add('variance', variance(table, { ...options, axis }))
      await add('minmax', minmax(table, { ...options, axis }))
      if (table.size > 100_000) continue
      await add('argmin', argmin(table, { ...options, axis }))
      await add('norm', norm(table, { ...options, axis }))
      await add('describe', describe(table, { ...options, axis }))
    }
    await add('dot', dot(table, table, options))
  }
}
