import { checkInteger } from '../check.ts'
import { defineShareable, Shareable } from '../shareable.ts'
import type { Handle } from '../shareable.ts'
import { readWait } from '../sync/waits.ts'
import type { WaitOptions } from '../sync/waits.ts'
import type { TypedArray } from '../types.ts'
import { Bell } from './bell.ts'
import * as collectives from './collectives.ts'
import { drive, driveSync } from './drive.ts'
import type { Steps } from './drive.ts'
import { Mail } from './mail.ts'
import type { Message } from './mail.ts'
import { misfit } from './meeting.ts'
import { openPlace } from './parts.ts'
import type { Parts } from './parts.ts'
import { checkReduction } from './reduction.ts'
import type { Reduction } from './reduction.ts'
import type { RankHandle } from './seed.ts'
import { split } from './split.ts'
import { World } from './world.ts'

/** A message, with where it came from. */
export interface Received<T = unknown> {
  /** What was sent, a copy. */
  readonly value: T
  /** The rank that sent it. */
  readonly from: number
  /** The tag that it was sent with. */
  readonly tag: number
}

/** Of a literal's type what it is an example of: the sum of ones is a number. */
type Widen<T> = T extends number ? number : T extends bigint ? bigint : T extends string ? string : T

/** Options of reductions. */
export interface ReduceOptions<A = unknown> extends WaitOptions {
  /**
   * A typed array for the result, of the class and length of the value; it may be the value itself.
   * @default a new array
   */
  readonly out?: A
}

/**
 * What the ranks of an {@link spmd} call reach one another by. Rank 0 to `size - 1` run the same function; all of them
 * make the same collective calls (`broadcast` to `split`) in the same order, and none goes on from one before all have
 * come to it. Names and semantics are those of MPI, as mpi4py has them for objects.
 *
 * Every call has a promise form, and a blocking one ending in `Sync`, which is the faster one: ranks are workers, where
 * blocking is fine. Messages are copies, but for what is on shared memory. All take `{ timeout, signal }` last; a rank
 * that leaves a collective call by them, or by an error, ends that communicator for all.
 */
export class Communicator extends Shareable {
  /** This rank: from 0 up to `size - 1`. */
  readonly rank: number
  /** How many ranks there are. */
  readonly size: number
  readonly #parts: Parts
  readonly #bell: Bell
  /** Collective calls that are under way as promises, and the last of them. */
  #pending = 0
  #last: Promise<unknown> | undefined

  /** @internal */
  constructor(parts: Parts, bell: Bell) {
    super()
    this.#parts = parts
    this.#bell = bell
    this.rank = parts.rank
    this.size = parts.members.length
  }

  /** @internal */
  get handle(): Handle {
    throw new TypeError("A communicator is its rank's own, and can't be sent")
  }

  // --- messages

  /**
   * Sends a copy of a value to a rank, itself included; does not wait for it to be received. What is on shared memory
   * is not copied. Messages from one rank to another keep their order.
   * @param tag An integer from 0 up, for the receiver to tell messages apart by. Default: 0.
   */
  async send(value: unknown, to: number, tag = 0): Promise<void> {
    this.sendSync(value, to, tag)
  }

  /** The same at once: sending never blocks. */
  sendSync(value: unknown, to: number, tag = 0): void {
    const { mail, members, context, world } = this.#parts
    world.tell()
    const receiver = members[this.#checkRank('to', to)]
    mail.post(receiver, context, checkTag(tag), value)
  }

  /**
   * The next message from a rank with a tag; from any rank, or with any tag, where they are left out.
   * @throws ERR_OFFLOOP_COLLECTIVE when none can come any more, as who could send it has returned.
   */
  async recv<T = unknown>(from?: number, tag?: number, options?: WaitOptions): Promise<T> {
    return (await this.recvMessage<T>(from, tag, options)).value
  }

  /** The same, blocking. */
  recvSync<T = unknown>(from?: number, tag?: number, options?: WaitOptions): T {
    return this.recvMessageSync<T>(from, tag, options).value
  }

  /** `recv` that also tells from which rank a message came, and its tag. */
  async recvMessage<T = unknown>(from?: number, tag?: number, options?: WaitOptions): Promise<Received<T>> {
    const wait = readWait(options)
    return this.#received(await drive(this.#receive(from, tag), this.#bell, wait))
  }

  /** The same, blocking. */
  recvMessageSync<T = unknown>(from?: number, tag?: number, options?: WaitOptions): Received<T> {
    if (this.#senders(from).every((sender) => sender === this.#parts.members[this.rank]) && !this.probe(from, tag)) {
      throw misfit(`rank ${this.rank} waits for a message that only it could send`)
    }
    return this.#received(driveSync(this.#receive(from, tag), this.#bell, readWait(options)))
  }

  /** Whether `recv` would give a message at once. */
  probe(from?: number, tag?: number): boolean {
    const { mail, context } = this.#parts
    return mail.has(context, this.#senders(from), tag === undefined ? undefined : checkTag(tag))
  }

  // --- collective calls

  /** Waits until all ranks have come here. */
  barrier(options?: WaitOptions): Promise<void> {
    return this.#collect(() => collectives.barrier(this.#parts), options)
  }

  /** The same, blocking. */
  barrierSync(options?: WaitOptions): void {
    this.#collectSync('barrier', () => collectives.barrier(this.#parts), options)
  }

  /** What rank `root` gives, for all. */
  broadcast<T>(value?: T, root = 0, options?: WaitOptions): Promise<T> {
    return this.#collect(() => this.#broadcast(value, root), options) as Promise<T>
  }

  /** The same, blocking. */
  broadcastSync<T>(value?: T, root = 0, options?: WaitOptions): T {
    return this.#collectSync('broadcast', () => this.#broadcast(value, root), options) as T
  }

  /** To each rank its element of the array that rank `root` gives; the others' is not looked at. */
  scatter<T>(values: readonly T[] | undefined, root = 0, options?: WaitOptions): Promise<T> {
    return this.#collect(() => this.#scatter(values, root), options) as Promise<T>
  }

  /** The same, blocking. */
  scatterSync<T>(values: readonly T[] | undefined, root = 0, options?: WaitOptions): T {
    return this.#collectSync('scatter', () => this.#scatter(values, root), options) as T
  }

  /** What all ranks give, by rank, for rank `root`; the others get undefined. */
  gather<T>(value: T, root = 0, options?: WaitOptions): Promise<T[] | undefined> {
    return this.#collect(() => this.#gather(value, root), options) as Promise<T[] | undefined>
  }

  /** The same, blocking. */
  gatherSync<T>(value: T, root = 0, options?: WaitOptions): T[] | undefined {
    return this.#collectSync('gather', () => this.#gather(value, root), options) as T[] | undefined
  }

  /** What all ranks give, by rank, for all. */
  allgather<T>(value: T, options?: WaitOptions): Promise<T[]> {
    return this.#collect(() => collectives.allgather(this.#parts, value), options) as Promise<T[]>
  }

  /** The same, blocking. */
  allgatherSync<T>(value: T, options?: WaitOptions): T[] {
    return this.#collectSync('allgather', () => collectives.allgather(this.#parts, value), options) as T[]
  }

  /** Element i of what this rank gives goes to rank i; element i of the result comes from rank i. */
  alltoall<T>(values: readonly T[], options?: WaitOptions): Promise<T[]> {
    return this.#collect(() => collectives.alltoall(this.#parts, values), options) as Promise<T[]>
  }

  /** The same, blocking. */
  alltoallSync<T>(values: readonly T[], options?: WaitOptions): T[] {
    return this.#collectSync('alltoall', () => collectives.alltoall(this.#parts, values), options) as T[]
  }

  /**
   * One value of all the ranks' for rank `root`; the others get undefined. Named operations are for numbers, bigints
   * and typed arrays, element by element; a function gets any two values, lower ranks' first, and has to be associative.
   * The same number of ranks always combines in the same order: neighbours, then pairs of pairs.
   */
  reduce<T>(
    value: T,
    op?: Reduction<Widen<T>>,
    root = 0,
    options?: ReduceOptions<Widen<T>>,
  ): Promise<Widen<T> | undefined> {
    const steps = () => this.#reduce('reduce', value, op, root, options)
    return this.#collect(steps, options) as Promise<Widen<T> | undefined>
  }

  /** The same, blocking; `op` gives its value at once. */
  reduceSync<T>(value: T, op?: Reduction<Widen<T>>, root = 0, options?: ReduceOptions<Widen<T>>): Widen<T> | undefined {
    const steps = () => this.#reduce('reduce', value, op, root, options)
    return this.#collectSync('reduce', steps, options) as Widen<T> | undefined
  }

  /** The same for all ranks. */
  allreduce<T>(value: T, op?: Reduction<Widen<T>>, options?: ReduceOptions<Widen<T>>): Promise<Widen<T>> {
    return this.#collect(() => this.#reduce('allreduce', value, op, -1, options), options) as Promise<Widen<T>>
  }

  /** The same, blocking. */
  allreduceSync<T>(value: T, op?: Reduction<Widen<T>>, options?: ReduceOptions<Widen<T>>): Widen<T> {
    return this.#collectSync('allreduce', () => this.#reduce('allreduce', value, op, -1, options), options) as Widen<T>
  }

  /** For each rank what the ranks up to it, itself included, come to; from rank to rank. */
  scan<T>(value: T, op?: Reduction<Widen<T>>, options?: ReduceOptions<Widen<T>>): Promise<Widen<T>> {
    return this.#collect(() => this.#reduce('scan', value, op, -1, options), options) as Promise<Widen<T>>
  }

  /** The same, blocking. */
  scanSync<T>(value: T, op?: Reduction<Widen<T>>, options?: ReduceOptions<Widen<T>>): Widen<T> {
    return this.#collectSync('scan', () => this.#reduce('scan', value, op, -1, options), options) as Widen<T>
  }

  /**
   * A communicator for each color: that of the ranks which gave the same, in the order of their keys, and of their
   * ranks where those are equal. A rank that gives no color gets none.
   * @param color An integer from 0 up, or undefined.
   * @param key Any number. Default: this rank.
   */
  split(color: number | undefined, key = this.rank, options?: WaitOptions): Promise<Communicator | undefined> {
    return this.#collect(() => this.#split(color, key), options)
  }

  /** The same, blocking. */
  splitSync(color: number | undefined, key = this.rank, options?: WaitOptions): Communicator | undefined {
    return this.#collectSync('split', () => this.#split(color, key), options)
  }

  *#receive(from: number | undefined, tag: number | undefined): Steps<Message> {
    const { mail, context, world, members } = this.#parts
    const senders = this.#senders(from)
    const wanted = tag === undefined ? undefined : checkTag(tag)
    world.tell()
    // Another flow of this rank may still send to it, but who waits for anybody means the others.
    const others = from === undefined ? senders.filter((sender) => sender !== members[this.rank]) : senders
    let found: Message | undefined
    const look = () => (found = mail.take(context, senders, wanted)) !== undefined
    if (!look()) {
      yield () => {
        if (look()) return true
        if (!world.anyReturned || others.some((sender) => !world.hasReturned(sender)) || others.length === 0)
          return false
        if (look()) return true
        const who = from === undefined ? 'all others have' : `rank ${from} has`
        throw misfit(`${who} returned, while rank ${this.rank} waits for a message`)
      }
    }
    return found as unknown as Message
  }

  #received<T>({ value, from, tag }: Message): Received<T> {
    return { value: value as T, from: this.#parts.members.indexOf(from), tag }
  }

  /** Ranks of the world that a message may come from. */
  #senders(from: number | undefined): readonly number[] {
    const { members } = this.#parts
    return from === undefined ? members : [members[this.#checkRank('from', from)]]
  }

  #broadcast(value: unknown, root: number): Steps<unknown> {
    return collectives.broadcast(this.#parts, value, this.#checkRank('root', root))
  }

  #scatter(values: unknown, root: number): Steps<unknown> {
    return collectives.scatter(this.#parts, values, this.#checkRank('root', root))
  }

  #gather(value: unknown, root: number): Steps<unknown[] | undefined> {
    return collectives.gather(this.#parts, value, this.#checkRank('root', root))
  }

  #reduce(
    name: 'reduce' | 'allreduce' | 'scan',
    value: unknown,
    op: unknown,
    root: number,
    options: ReduceOptions | undefined,
  ): Steps<unknown> {
    const reduction = checkReduction(op ?? 'sum')
    if (name === 'reduce') this.#checkRank('root', root)
    const out = options?.out as TypedArray | undefined
    if (typeof reduction !== 'function') collectives.checkReducible(value, out)
    return collectives.reduce(this.#parts, name, value, reduction, root, out)
  }

  *#split(color: number | undefined, key: number): Steps<Communicator | undefined> {
    const parts = yield* split(this.#parts, color, key)
    return parts && new Communicator(parts, this.#bell)
  }

  async #collect<T>(make: () => Steps<T>, options: WaitOptions | undefined): Promise<T> {
    const wait = readWait(options)
    const before = this.#pending++ === 0 ? undefined : this.#last
    const run = async (): Promise<T> => {
      // Calls of one rank follow one another whether they are awaited or not.
      await before?.catch(() => {})
      const start = this.#begin()
      try {
        return await drive(make(), this.#bell, wait)
      } catch (error) {
        this.#left(start)
        throw error
      } finally {
        this.#pending--
      }
    }
    const result = run()
    this.#last = result
    return result
  }

  #collectSync<T>(name: string, make: () => Steps<T>, options: WaitOptions | undefined): T {
    const wait = readWait(options)
    if (this.#pending > 0) {
      throw misfit(`rank ${this.rank} calls ${name}Sync while a call that it has not awaited is under way`)
    }
    const start = this.#begin()
    try {
      return driveSync(make(), this.#bell, wait)
    } catch (error) {
      this.#left(start)
      throw error
    }
  }

  /** The number of the call before. */
  #begin(): number {
    this.#parts.world.tell()
    return this.#parts.meeting.step
  }

  /** A call has failed; what failed before it met the others concerns nobody else. */
  #left(start: number): void {
    const { meeting } = this.#parts
    if (meeting.step !== start) meeting.breakUp()
  }

  #checkRank(name: string, rank: unknown): number {
    return checkInteger(name, rank, 0, this.size - 1)
  }
}

function checkTag(tag: unknown): number {
  return checkInteger('tag', tag, 0, Number.MAX_SAFE_INTEGER)
}

defineShareable('Communicator', (handle) => {
  const { rank, size, world: words, place, ports } = handle as RankHandle
  const world = new World(words, size)
  const members = Array.from({ length: size }, (_, i) => i)
  const mail = new Mail(world, rank, ports)
  return new Communicator(openPlace(place, world, mail, members, rank), new Bell(world, rank))
})
