import { argsort, describe, median, unique } from 'offloop'

/**
 * What the values of each group are like, groups with most rows first.
 *
 * @param column `{ codes, words }`: the group of each row.
 * @returns `[{ word, rows, count, mean, std, median, … }]`; `count` leaves out rows without a value.
 */
export async function groupBy({ codes, words }, values) {
  // Sorted by group, each group's values stand together.
  const [order, { values: groups, counts }] = await Promise.all([argsort(codes), unique(codes, { counts: true })])
  const together = new Float64Array(values.length)
  for (let i = 0; i < order.length; i++) together[i] = values[order[i]]
  let at = 0
  const found = Array.from(groups, async (code, i) => {
    const part = together.subarray(at, (at += counts[i]))
    const [all, middle] = await Promise.all([describe(part, { skipNaN: true }), median(part, { skipNaN: true })])
    return { word: words[code], rows: counts[i], ...all, median: middle }
  })
  return (await Promise.all(found)).toSorted((a, b) => b.rows - a.rows || (a.word < b.word ? -1 : 1))
}
