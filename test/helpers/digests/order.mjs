import { argsort, median, partition, quantile, rank, searchsorted, sort, topk, unique } from 'offloop'

/** The same bits on every backend and CPU level. */
export const everywhere = [
  'sort',
  'argsort',
  'quantile',
  'median',
  'partition',
  'topk',
  'unique',
  'searchsorted',
  'rank',
]

export default async function digest(add, options, { inputs, tables, special }) {
  for (const x of inputs) {
    await add('sort', sort(x, options))
    await add('sort', sort(x, { ...options, descending: true }))
    await add('argsort', argsort(x, options))
    await add('median', median(x, options))
    await add('partition', partition(x, Math.floor(x.length / 3), options))
    await add('topk', topk(x, Math.min(x.length, 1000), options))
    await add('quantile', quantile(x, [0.1, 0.5, 0.999], { ...options, method: 'hazen', skipNaN: x === special }))
    await add('unique', unique(x, { ...options, counts: true }))
  }
  const few = inputs[0].subarray(0, 200_000).map((value) => Math.trunc(value % 50))
  await add('unique', unique(few, { ...options, counts: true, inverse: true }))
  await add('rank', rank(few, options))
  await add('rank', rank(special.subarray(0, 200_000), { ...options, method: 'dense' }))
  await add('searchsorted', searchsorted(few.toSorted(), few.subarray(0, 9999), options))
  for (const table of tables) {
    for (const axis of [0, 1]) {
      await add('sort', sort(table, { ...options, axis }))
      await add('argsort', argsort(table, { ...options, axis, descending: true }))
      await add('median', median(table, { ...options, axis }))
    }
  }
}
