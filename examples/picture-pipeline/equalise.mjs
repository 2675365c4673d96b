import { cumsum, histogram } from 'offloop'

/**
 * Histogram equalisation: what brightness becomes, so that all are about equally frequent.
 *
 * @returns `{ low, high, table }`: a value's place between `low` and `high` says where in `table` its new one is, 0 to 1.
 */
export async function equalisation({ data }, levels, steps) {
  const { counts, edges } = await steps.run(1, (options) => histogram(data, { ...options, bins: levels }))
  const table = await cumsum(counts)
  for (let i = 0; i < table.length; i++) table[i] /= data.length
  return { low: edges[0], high: edges[levels], table }
}
