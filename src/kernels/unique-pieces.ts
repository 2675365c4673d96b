import { viewOf } from '../plan.ts'
import { run } from '../steps.ts'
import type { Steps } from '../steps.ts'
import { newArray } from '../typed-array.ts'
import type { TypedArray, View } from '../types.ts'

/** The different values, and how often each occurs where that was asked for. */
export interface JoinedUnique {
  readonly values: TypedArray
  readonly counts?: Uint32Array
}

/**
 * Joins the pieces that a sort left of the different values (native/kernels/sort.cc): `pieces` has, for each bucket,
 * where its piece of `row` begins and how many values it has; `counts`, at the same places, how often each occurs.
 */
export function* joinUnique(row: View, pieces: Float64Array, counts: View | undefined): Steps<JoinedUnique> {
  const { dtype } = row
  const { joins, found, isJoined } = placesOf(row.data, pieces, counts?.data as Uint32Array | undefined)
  const result = (values: TypedArray, times: TypedArray | undefined) =>
    times === undefined ? { values } : { values, counts: times as Uint32Array }
  if (found === row.shape[0] && isJoined) return result(row.data, counts?.data)
  const values = newArray(dtype, found, 'unique')
  const times = counts === undefined ? undefined : newArray('uint32', found, 'unique')
  const inputs = [viewOf(joins, 'float64', [joins.length / 3, 3]), row]
  const outputs = [viewOf(values, dtype, [found])]
  if (counts !== undefined) inputs.push(counts)
  if (times !== undefined) outputs.push(viewOf(times, 'uint32', [found]))
  const scalars = [2, 0, counts === undefined ? 0 : 1]
  const plan = { kernel: 'unique', inputs, outputs, scalars, freshOutputs: true, cost: 200 + found * 0.5 }
  yield* run({ plan, part: [0.9, 1], value: () => undefined })
  return result(values, times)
}

/**
 * Where each piece begins, where its values go, and how many they are. What ends one piece may begin the next, as -0
 * and +0 do: it is counted with the one before.
 */
function placesOf(data: TypedArray, pieces: Float64Array, counts: Uint32Array | undefined) {
  const joins: number[] = []
  let found = 0
  let last = -1
  let isJoined = true
  for (let i = 0; i < pieces.length; i += 2) {
    let from = pieces[i]
    let length = pieces[i + 1]
    if (length > 0 && last >= 0 && data[from] === data[last]) {
      if (counts !== undefined) counts[last] += counts[from]
      from++
      length--
    }
    if (length === 0) continue
    joins.push(from, found, length)
    isJoined &&= from === found
    found += length
    last = from + length - 1
  }
  return { joins: Float64Array.from(joins), found, isJoined }
}
