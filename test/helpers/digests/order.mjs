import { sort } from 'offloop'

/** The same bits on every backend and CPU level. */
export const everywhere = ['sort']

export default async function digest(add, options, { inputs, tables }) {
  for (const x of inputs) {
    await add('sort', sort(x, options))
    await add('sort', sort(x, { ...options, descending: true }))
  }
  for (const table of tables) for (const axis of [0, 1]) await add('sort', sort(table, { ...options, axis }))
}
