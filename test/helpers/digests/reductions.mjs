import { dot, mean, minmax, sum, variance } from 'offloop'

/** The same bits on every backend and CPU level. */
export const everywhere = ['sum', 'mean', 'variance', 'minmax', 'dot']

export default async function digest(add, options, { inputs, special, tables }) {
  for (const x of inputs) {
    const skip = x === special ? [{}, { skipNaN: true }] : [{}]
    for (const more of skip) {
      await add('sum', sum(x, { ...options, ...more }))
      await add('mean', mean(x, { ...options, ...more }))
      await add('variance', variance(x, { ...options, ...more }))
      await add('minmax', minmax(x, { ...options, ...more }))
      await add('dot', dot(x, x.toReversed(), { ...options, ...more }))
    }
  }
  for (const table of tables) {
    for (const axis of [0, 1]) {
      await add('sum', sum(table, { ...options, axis }))
      await add('mean', mean(table, { ...options, axis }))
      await add('variance', variance(table, { ...options, axis }))
      await add('minmax', minmax(table, { ...options, axis }))
    }
    await add('dot', dot(table, table, options))
  }
}
