// The collective calls. What has to come together is written into the slots of a meeting, numbers included; typed arrays
// of reductions go through the exchange, all else as messages that are posted before the meeting or along a tree after it.
import { isList } from '../check.ts'
import { rangeMisuse, typeMisuse } from '../errors.ts'
import { dtypeOf } from '../typed-array.ts'
import { dtypeNumbers } from '../types.ts'
import type { TypedArray } from '../types.ts'
import type { Steps } from './drive.ts'
import { newLike } from './exchange.ts'
import { functionOp, kind, misfit } from './meeting.ts'
import type { Call, CallName } from './meeting.ts'
import type { Parts } from './parts.ts'
import { combineBigInts, combineNumbers, foldTree, reductionNames } from './reduction.ts'
import type { Reduction, ReductionFunction, ReductionName } from './reduction.ts'

type Reducing = 'reduce' | 'allreduce' | 'scan'

export function* barrier({ meeting }: Parts): Steps<void> {
  yield* meeting.enter(call('barrier', {}))
}

export function* broadcast(parts: Parts, value: unknown, root: number): Steps<unknown> {
  const { meeting, rank } = parts
  if (rank !== root) {
    yield* meeting.enter(call('broadcast', { root }))
    if (meeting.kindOf(root) === kind.number) return meeting.numberOf(root)
    return yield* receive(parts, root, 'broadcast')
  }
  if (typeof value !== 'number') forOthers(parts, (other) => post(parts, other, value, 1))
  yield* meeting.enter(call('broadcast', { root, ...given(value) }))
  return value
}

export function* scatter(parts: Parts, values: unknown, root: number): Steps<unknown> {
  const { meeting, rank, members } = parts
  if (rank !== root) {
    yield* meeting.enter(call('scatter', { root }))
    return yield* receive(parts, root, 'scatter')
  }
  const list = checkEach('values', values, members.length)
  forOthers(parts, (other) => post(parts, other, list[other], 1))
  yield* meeting.enter(call('scatter', { root }))
  return list[rank]
}

export function* gather(parts: Parts, value: unknown, root: number): Steps<unknown[] | undefined> {
  const { meeting, rank } = parts
  if (rank !== root && typeof value !== 'number') post(parts, root, value, 1)
  yield* meeting.enter(call('gather', { root, ...given(value) }))
  return rank === root ? yield* collect(parts, value, 'gather') : undefined
}

export function* allgather(parts: Parts, value: unknown, name: CallName = 'allgather'): Steps<unknown[]> {
  if (typeof value !== 'number') forOthers(parts, (other) => post(parts, other, value, 1))
  yield* parts.meeting.enter(call(name, given(value)))
  return yield* collect(parts, value, name)
}

export function* alltoall(parts: Parts, values: unknown): Steps<unknown[]> {
  const { meeting, rank, members } = parts
  const list = checkEach('values', values, members.length)
  forOthers(parts, (other) => post(parts, other, list[other], 1))
  yield* meeting.enter(call('alltoall', {}))
  const results: unknown[] = []
  for (let from = 0; from < members.length; from++) {
    results.push(from === rank ? list[rank] : yield* receive(parts, from, 'alltoall'))
  }
  return results
}

/** Of ranks that get no result undefined. */
export function* reduce(
  parts: Parts,
  name: Reducing,
  value: unknown,
  op: Reduction,
  root: number,
  out: TypedArray | undefined,
): Steps<unknown> {
  const { meeting, rank } = parts
  const wanted = name !== 'reduce' || rank === root
  const opNumber = typeof op === 'function' ? functionOp : reductionNames.indexOf(op) + 1
  if (typeof op === 'function') {
    if (out !== undefined) throw typeMisuse('out', 'left out where `op` is a function', out)
    yield* meeting.enter(call(name, { root, op: opNumber }))
    return yield* fold(parts, name, value, op, root)
  }
  const shape = given(value)
  const dtype = dtypeOf(value)
  yield* meeting.enter(call(name, { root, op: opNumber, ...shape }))
  if (dtype !== undefined) {
    const array = value as TypedArray
    const into = wanted ? (out ?? newLike(array, dtype)) : undefined
    yield* parts.exchange.reduce(array, dtype, op, name === 'scan', into)
    return into
  }
  if (shape.kind === kind.number) return wanted ? foldNumbers(parts, op, name === 'scan') : undefined
  return yield* fold(parts, name, value, combineBigInts[op] as ReductionFunction<unknown>, root)
}

/** What a named operation can be done with. */
export function checkReducible(value: unknown, out: unknown): void {
  const dtype = dtypeOf(value)
  if (dtype === undefined && typeof value !== 'number' && typeof value !== 'bigint') {
    throw typeMisuse('value', 'a number, a bigint or a typed array, which named operations are for', value)
  }
  if (out === undefined) return
  if (dtype === undefined || dtypeOf(out) !== dtype)
    throw typeMisuse('out', 'a typed array of the class of `value`', out)
  const { length } = value as TypedArray
  if ((out as TypedArray).length !== length) {
    throw rangeMisuse('out.length', `${length}, as \`value\` has`, (out as TypedArray).length)
  }
}

function foldNumbers({ meeting, members, rank }: Parts, op: ReductionName, scan: boolean): number {
  const combine = combineNumbers[op]
  if (scan) {
    let result = meeting.numberOf(0)
    for (let i = 1; i <= rank; i++) result = combine(result, meeting.numberOf(i))
    return result
  }
  const numbers = members.map((_, i) => meeting.numberOf(i))
  foldTree(numbers.length, (i, j) => (numbers[i] = combine(numbers[i], numbers[j])))
  return numbers[0]
}

/** By a function: along the tree to rank 0, and from there to whom it is for; a scan goes from rank to rank. */
function* fold(
  parts: Parts,
  name: Reducing,
  value: unknown,
  op: ReductionFunction<unknown>,
  root: number,
): Steps<unknown> {
  const { rank, members } = parts
  const size = members.length
  let result = value
  const combine = function* (a: unknown, b: unknown): Steps<unknown> {
    const both = op(a, b)
    return isPromise(both) ? yield both : both
  }
  if (name === 'scan') {
    if (rank > 0) result = yield* combine(yield* receive(parts, rank - 1, name), value)
    if (rank + 1 < size) post(parts, rank + 1, result, 0)
    return result
  }
  for (let distance = 1; distance < size; distance *= 2) {
    if (rank % (2 * distance) !== 0) {
      post(parts, rank - distance, result, 0)
      break
    }
    if (rank + distance < size) result = yield* combine(result, yield* receive(parts, rank + distance, name))
  }
  if (name === 'allreduce') {
    if (rank > 0) return yield* receive(parts, 0, name)
    forOthers(parts, (other) => post(parts, other, result, 0))
    return result
  }
  if (root > 0 && rank === 0) post(parts, root, result, 0)
  if (root > 0 && rank === root) return yield* receive(parts, 0, name)
  return rank === root ? result : undefined
}

/** A list with what each rank gave: numbers are in the slots, all else has been posted. */
function* collect(parts: Parts, own: unknown, name: CallName): Steps<unknown[]> {
  const { meeting, members, rank } = parts
  const results: unknown[] = []
  for (let from = 0; from < members.length; from++) {
    if (from === rank) results.push(own)
    else if (meeting.kindOf(from) === kind.number) results.push(meeting.numberOf(from))
    else results.push(yield* receive(parts, from, name))
  }
  return results
}

/** Posts a part of a call: the one that this rank is in, or the one that it is about to enter. */
export function post({ mail, members, context, meeting }: Parts, to: number, value: unknown, ahead: 0 | 1): void {
  mail.post(members[to], context, -(meeting.step + ahead), value)
}

/** Waits for a part of the call that this rank is in. */
export function* receive(
  { mail, members, context, meeting, world }: Parts,
  from: number,
  name: CallName,
): Steps<unknown> {
  const sender = [members[from]]
  const look = () => mail.take(context, sender, -meeting.step)
  let found = look()
  if (found === undefined) {
    yield () => {
      found = look()
      if (found !== undefined) return true
      meeting.checkWhole(name)
      if (!world.hasReturned(members[from])) return false
      found = look()
      if (found === undefined) throw misfit(`rank ${from} has returned before the end of ${name}`)
      return true
    }
  }
  return (found as unknown as { value: unknown }).value
}

function forOthers({ members, rank }: Parts, act: (other: number) => void): void {
  for (let other = 0; other < members.length; other++) if (other !== rank) act(other)
}

function checkEach(name: string, values: unknown, size: number): readonly unknown[] {
  if (!isList(values)) throw typeMisuse(name, 'an array with a value for each rank', values)
  if (values.length !== size) throw rangeMisuse(`${name}.length`, `${size}, one for each rank`, values.length)
  return values
}

/** What a rank gives, in the words of a meeting. */
function given(value: unknown): Pick<Call, 'kind' | 'count' | 'value'> {
  if (typeof value === 'number') return { kind: kind.number, count: 1, value }
  if (typeof value === 'bigint') return { kind: kind.bigint, count: 1, value: 0 }
  const dtype = dtypeOf(value)
  if (dtype === undefined) return { kind: kind.any, count: 0, value: 0 }
  return { kind: kind.array + dtypeNumbers[dtype], count: (value as TypedArray).length, value: 0 }
}

function call(name: CallName, parts: Partial<Call>): Call {
  return { name, root: -1, op: 0, kind: kind.any, count: 0, value: 0, ...parts }
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as PromiseLike<unknown>).then === 'function'
}
