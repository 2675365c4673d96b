import { closest, levenshtein, packStrings } from 'offloop'

export const everywhere = ['levenshtein', 'closest']

export default async function digest(add, options, { next }) {
  const letters = (length, most) =>
    String.fromCharCode(...Array.from({ length }, () => 97 + (next() % most) + (next() % 50 === 0 ? 900 : 0)))
  const list = Array.from({ length: 5000 }, (_, i) => letters(i % 997 === 0 ? 700 : next() % 24, 12))
  const packed = await packStrings(list)
  for (const length of [0, 5, 16, 30, 60, 200, 1100]) {
    const query = letters(length, 12)
    await add('levenshtein', levenshtein(query, packed, options))
    await add('levenshtein', levenshtein(query, packed, { ...options, cutoff: 10 }))
  }
  const flat = async (task) => (await task).flat().flatMap(({ index, distance }) => [index, distance])
  const queries = list.slice(0, 20)
  for (const k of [1, 7, 5000]) {
    const task = closest(queries, packed, { ...options, k })
    await task
    const numbers = Promise.resolve(Float64Array.from(await flat(task)))
    await add('closest', Object.assign(numbers, { backend: task.backend, timing: task.timing }))
  }
}
