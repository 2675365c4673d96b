import { isList } from '../check.ts'
import { rangeMisuse, typeMisuse } from '../errors.ts'
import { checkMayBlock, readWait } from '../sync/waits.ts'
import type { WaitOptions } from '../sync/waits.ts'
import { casesOf, closedError, orTimeout } from './channel.ts'
import type { Receiving, Sending } from './channel.ts'
import { choose, chooseNow, chooseSync } from './choice.ts'
import type { Case, Happened } from './choice.ts'
import { mostCases } from './claims.ts'
import { open } from './value.ts'

/** What select() waits for. */
export type SelectCase = Receiving<unknown> | Sending<unknown>

/** Options of {@link select}. */
export interface SelectOptions<O = undefined> extends WaitOptions {
  /** Where it is given, select() waits for nothing: if no case can happen now, `index` is -1 and this is the value. */
  readonly otherwise?: O
}

/** The case that has happened: its index, and what was received; `done` where its channel is closed and empty. */
export type Selected<C extends readonly unknown[], O = undefined> =
  | { [I in keyof C]: SelectedCase<IndexOf<I>, C[I]> }[number]
  | ([O] extends [undefined] ? never : { readonly index: -1; readonly value: O; readonly done: false })

type SelectedCase<I, C> =
  C extends Receiving<infer T>
    ? { readonly index: I; readonly value: T; readonly done: false } | Without<I, true>
    : Without<I, false>

interface Without<I, Done extends boolean> {
  readonly index: I
  readonly value: undefined
  readonly done: Done
}

type IndexOf<I> = I extends `${infer N extends number}` ? N : number

/**
 * Waits until one of the cases can happen, and lets it happen: exactly one, and where several can, a random one.
 * Rejects with TimeoutError or the signal's reason, and then none has happened.
 * @example
 * const { index, value } = await select([results.receiving(), orders.sending(order)], { timeout: 1000 })
 * @throws ERR_OFFLOOP_CLOSED when it is the turn of a `sending` whose channel is closed. TypeError for other cases.
 */
export async function select<const C extends readonly SelectCase[], O = undefined>(
  cases: C,
  options?: SelectOptions<O>,
): Promise<Selected<C, O>> {
  const list = checkCases(cases)
  const wait = readWait(options)
  if (options?.otherwise === undefined) return result(orTimeout(await choose(list, wait), wait), list)
  wait.signal?.throwIfAborted()
  return nowOr(list, options.otherwise)
}

/** The same, blocking. @throws ERR_OFFLOOP_MAIN_THREAD there. */
export function selectSync<const C extends readonly SelectCase[], O = undefined>(
  cases: C,
  options?: SelectOptions<O>,
): Selected<C, O> {
  checkMayBlock('selectSync')
  const list = checkCases(cases)
  const wait = readWait(options)
  if (options?.otherwise === undefined) return result(orTimeout(chooseSync(list, wait), wait), list)
  wait.signal?.throwIfAborted()
  return nowOr(list, options.otherwise)
}

function nowOr<R>(cases: readonly Case[], otherwise: unknown): R {
  const happened = chooseNow(cases)
  return happened === undefined ? ({ index: -1, value: otherwise, done: false } as R) : result(happened, cases)
}

function result<R>({ index, raw, isClosed }: Happened, cases: readonly Case[]): R {
  const isSending = cases[index].packed !== undefined
  if (isSending && isClosed) throw closedError(`The channel of \`cases[${index}]\``)
  return { index, value: isClosed ? undefined : open(raw), done: isClosed } as R
}

function checkCases(cases: unknown): Case[] {
  const what = `a list of 1 to ${mostCases} cases`
  if (!isList(cases)) throw typeMisuse('cases', what, cases)
  if (cases.length === 0 || cases.length > mostCases) throw rangeMisuse('cases', what, cases)
  const found: Case[] = []
  for (let i = 0; i < cases.length; i++) {
    const one = typeof cases[i] === 'object' && cases[i] !== null ? casesOf.get(cases[i] as object) : undefined
    if (one === undefined)
      throw typeMisuse(`cases[${i}]`, '`channel.receiving()` or `channel.sending(value)`', cases[i])
    const same = found.find(({ channel }) => channel.isSame(one.channel))
    found.push(same === undefined ? one : { ...one, channel: same.channel })
  }
  return found
}
