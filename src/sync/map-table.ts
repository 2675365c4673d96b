// The memory of a SharedMap: buckets, which are lists of nodes, and the nodes that are free. A bucket belongs to one of
// several stripes, each with a guard for those who write and a version for those who read.
//
// A change makes a new node and hangs it into the list by one store, so that a writer which dies has done nothing, and
// nothing that readers see is written to. A node that was taken out becomes free after its stripe's version has gone up:
// readers look at the version again in the end, and so know that no node on their way has been used for something else.
// (Version counts for readers: Lameter, "Effective Synchronization on Linux/NUMA Systems", 2005.)
//
// A writer that died may have left a node that is neither in a list nor free. Who finds its guard abandoned collects:
// all guards are taken, and what no list has becomes free.
import type { AgentTable } from '../liveness.ts'
import { Guard } from './guard.ts'
import { wordsOf } from './map-codec.ts'
import type { Packed } from './map-codec.ts'

const at = {
  capacity: 0,
  buckets: 1,
  keyBytes: 2,
  valueBytes: 3,
  /** Whether somebody died while writing. */
  dirty: 4,
  count: 5,
  firstFree: 6,
  freeGuard: 7,
  stripes: 16,
} as const
const stripes = 16
/** A cache line each. */
const stripeWords = 16
const ofStripe = { guard: 0, version: 1 } as const
/** Nodes are numbered from 1. Their stamp is another one each time that they are used. */
const ofNode = { next: 0, stamp: 1, key: 2, value: 3, data: 4 } as const
const firstBucket = at.stripes + stripes * stripeWords

export interface MapSizes {
  readonly capacity: number
  readonly keyBytes: number
  readonly valueBytes: number
}

/** A node that was found, and which use of it. */
export interface Found {
  readonly node: number
  readonly stamp: number
}

export class MapTable {
  /** 32-bit words of shared memory. */
  static words({ capacity, keyBytes, valueBytes }: MapSizes): number {
    const nodeWords = ofNode.data + Math.ceil(keyBytes / 4) + Math.ceil(valueBytes / 4)
    // Each writer needs one that is no entry yet.
    return firstBucket + bucketsFor(capacity) + (capacity + stripes) * nodeWords
  }

  readonly #words: Int32Array
  readonly #buckets: number
  readonly #keyWords: number
  readonly #nodeWords: number
  readonly #nodes: number
  readonly #nodeCount: number
  readonly #guards: readonly Guard[]
  readonly #freeGuard: Guard

  constructor(words: Int32Array, agents: AgentTable) {
    this.#words = words
    this.#buckets = words[at.buckets]
    const { capacity, keyBytes, valueBytes } = this.sizes
    this.#keyWords = Math.ceil(keyBytes / 4)
    this.#nodeWords = ofNode.data + this.#keyWords + Math.ceil(valueBytes / 4)
    this.#nodes = firstBucket + this.#buckets - this.#nodeWords
    this.#nodeCount = capacity + stripes
    this.#guards = Array.from({ length: stripes }, (_, i) => new Guard(words, this.#stripe(i) + ofStripe.guard, agents))
    this.#freeGuard = new Guard(words, at.freeGuard, agents)
  }

  /** Fills words that are all 0. */
  static prepare(words: Int32Array, { capacity, keyBytes, valueBytes }: MapSizes): void {
    words[at.capacity] = capacity
    words[at.buckets] = bucketsFor(capacity)
    words[at.keyBytes] = keyBytes
    words[at.valueBytes] = valueBytes
    // The free nodes are listed by the first who comes.
    words[at.dirty] = 1
  }

  get sizes(): MapSizes {
    const words = this.#words
    return { capacity: words[at.capacity], keyBytes: words[at.keyBytes], valueBytes: words[at.valueBytes] }
  }

  get bucketCount(): number {
    return this.#buckets
  }

  /** Entries. */
  get count(): number {
    if (this.#someDied) this.collect()
    return Atomics.load(this.#words, at.count)
  }

  /** The entry of a key, and its value into `value` where one is given. No waiting, but while a key is changed a lot. */
  read(key: Packed, value: Packed | undefined): Found | undefined {
    const bucket = this.#bucketOf(key)
    const version = this.#versionAt(bucket)
    for (let tries = 0; tries < 100; tries++) {
      const before = Atomics.load(this.#words, version)
      const found = this.#find(bucket, key)
      const stamp = found > 0 ? Atomics.load(this.#words, this.#node(found) + ofNode.stamp) : 0
      const whole = found >= 0 && (found === 0 || value === undefined || this.#copyOut(found, undefined, value))
      if (!whole || Atomics.load(this.#words, version) !== before) continue
      return found === 0 ? undefined : { node: found, stamp }
    }
    return this.#inside(bucket, () => {
      const found = this.#find(bucket, key)
      if (found <= 0) return undefined
      if (value !== undefined) this.#copyOut(found, undefined, value)
      return { node: found, stamp: Atomics.load(this.#words, this.#node(found) + ofNode.stamp) }
    })
  }

  /**
   * Puts an entry in, or takes one out where `value` is undefined. With `expected`, the outcome of a read, nothing is
   * done and undefined given if the key has another entry by now. Gives whether there was one before; 'full' where there
   * is no room.
   */
  write(key: Packed, value: Packed | undefined, expected?: { found: Found | undefined }): boolean | 'full' | undefined {
    const bucket = this.#bucketOf(key)
    const outcome = this.#inside(bucket, () => this.#replace(bucket, key, value, expected))
    if (outcome !== 'full') return outcome
    // What dead writers held counts no more then.
    if (!this.#someDied) return 'full'
    this.collect()
    return this.#inside(bucket, () => this.#replace(bucket, key, value, expected))
  }

  /** Copies of the entries of a bucket, as they were at one moment. */
  bucket(bucket: number, key: Packed, value: Packed): (readonly [key: unknown, value: unknown])[] {
    const version = this.#versionAt(bucket)
    for (let tries = 0; tries < 100; tries++) {
      const before = Atomics.load(this.#words, version)
      const entries = this.#entries(bucket, key, value)
      if (entries !== undefined && Atomics.load(this.#words, version) === before) return entries
    }
    return this.#inside(bucket, () => this.#entries(bucket, key, value)) ?? []
  }

  clear(): void {
    this.collect(true)
  }

  /** Takes all guards and lists again what is free, and what is there, which is nothing where `clear`. */
  collect(clear = false): void {
    const words = this.#words
    for (const guard of this.#guards) guard.enter()
    this.#freeGuard.enter()
    try {
      Atomics.store(words, at.dirty, 1)
      const used = new Uint8Array(this.#nodeCount + 1)
      let count = 0
      for (let bucket = 0; bucket < this.#buckets; bucket++) {
        if (clear) Atomics.store(words, firstBucket + bucket, 0)
        for (let node = this.#head(bucket); node !== 0; node = this.#next(node)) {
          used[node] = 1
          count++
        }
      }
      for (let stripe = 0; stripe < stripes; stripe++) Atomics.add(words, this.#stripe(stripe) + ofStripe.version, 1)
      let first = 0
      for (let node = this.#nodeCount; node > 0; node--) {
        if (used[node] === 1) continue
        Atomics.store(words, this.#node(node) + ofNode.next, first)
        first = node
      }
      Atomics.store(words, at.firstFree, first)
      Atomics.store(words, at.count, count)
      Atomics.store(words, at.dirty, 0)
    } finally {
      this.#freeGuard.leave()
      for (const guard of this.#guards) guard.leave()
    }
  }

  get #someDied(): boolean {
    return this.#isDirty || this.#guards.some((guard) => guard.isAbandoned)
  }

  get #isDirty(): boolean {
    return Atomics.load(this.#words, at.dirty) === 1
  }

  /** Runs `act` while nobody else writes to the stripe of a bucket. */
  #inside<T>(bucket: number, act: () => T): T {
    const guard = this.#guards[bucket % stripes]
    for (;;) {
      if (guard.enter()) Atomics.store(this.#words, at.dirty, 1)
      try {
        if (!this.#isDirty) return act()
      } finally {
        guard.leave()
      }
      this.collect()
    }
  }

  #replace(
    bucket: number,
    key: Packed,
    value: Packed | undefined,
    expected: { found: Found | undefined } | undefined,
  ): boolean | 'full' | undefined {
    const words = this.#words
    const old = this.#find(bucket, key)
    if (expected !== undefined) {
      const stamp = old === 0 ? 0 : Atomics.load(words, this.#node(old) + ofNode.stamp)
      if (old !== (expected.found?.node ?? 0) || stamp !== (expected.found?.stamp ?? 0)) return undefined
    }
    if (old === 0 && value === undefined) return false
    let link = firstBucket + bucket
    while (old !== 0 && Atomics.load(words, link) !== old) link = this.#node(Atomics.load(words, link)) + ofNode.next
    const next = old === 0 ? this.#head(bucket) : this.#next(old)
    if (value === undefined) {
      Atomics.store(words, link, next)
    } else {
      const node = old === 0 && !this.#countOneMore() ? 0 : this.#takeFree()
      if (node === 0) return 'full'
      this.#copyIn(node, key, value)
      Atomics.store(words, this.#node(node) + ofNode.next, next)
      Atomics.store(words, link, node)
    }
    if (old === 0) return false
    if (value === undefined) Atomics.sub(words, at.count, 1)
    Atomics.add(words, this.#versionAt(bucket), 1)
    this.#giveFree(old)
    return true
  }

  /** Counts an entry that is about to be made; false where there is no room for it. */
  #countOneMore(): boolean {
    const words = this.#words
    for (;;) {
      const count = Atomics.load(words, at.count)
      if (count >= words[at.capacity]) return false
      if (Atomics.compareExchange(words, at.count, count, count + 1) === count) return true
    }
  }

  /** A node; 0 where dead writers hold the rest. */
  #takeFree(): number {
    return this.#whileFree(() => {
      const node = Atomics.load(this.#words, at.firstFree)
      if (node !== 0) Atomics.store(this.#words, at.firstFree, this.#next(node))
      return node
    })
  }

  #giveFree(node: number): void {
    this.#whileFree(() => {
      const words = this.#words
      Atomics.store(words, this.#node(node) + ofNode.next, Atomics.load(words, at.firstFree))
      Atomics.store(words, at.firstFree, node)
    })
  }

  #whileFree<T>(act: () => T): T {
    // Who died here died in a stripe as well: whoever comes there next collects.
    this.#freeGuard.enter()
    try {
      return act()
    } finally {
      this.#freeGuard.leave()
    }
  }

  /** The node of a key, 0 where there is none, and -1 where the list changed on the way so that nobody can tell. */
  #find(bucket: number, key: Packed): number {
    let steps = 0
    for (let node = this.#head(bucket); node !== 0; node = this.#next(node)) {
      if (!this.#isNode(node) || steps++ > this.#nodeCount) return -1
      if (this.#hasKey(node, key)) return node
    }
    return 0
  }

  #hasKey(node: number, key: Packed): boolean {
    const words = this.#words
    const base = this.#node(node)
    if (Atomics.load(words, base + ofNode.key) !== key.head) return false
    const { length } = key
    for (let i = 0; i < length; i++) {
      if (Atomics.load(words, base + ofNode.data + i) !== key.words[i]) return false
    }
    return true
  }

  #entries(bucket: number, key: Packed, value: Packed): (readonly [key: unknown, value: unknown])[] | undefined {
    const version = Atomics.load(this.#words, this.#versionAt(bucket))
    const entries: (readonly [key: unknown, value: unknown])[] = []
    for (let node = this.#head(bucket); node !== 0; node = this.#next(node)) {
      if (!this.#isNode(node) || !this.#copyOut(node, key, value)) return undefined
      // What is no entry any more could not be read.
      if (Atomics.load(this.#words, this.#versionAt(bucket)) !== version) return undefined
      entries.push([key.take(), value.take()])
    }
    return entries
  }

  #copyIn(node: number, key: Packed, value: Packed): void {
    const words = this.#words
    const base = this.#node(node)
    Atomics.add(words, base + ofNode.stamp, 1)
    words[base + ofNode.key] = key.head
    words[base + ofNode.value] = value.head
    const keyAt = base + ofNode.data
    for (let i = 0; i < key.length; i++) words[keyAt + i] = key.words[i]
    const valueAt = keyAt + this.#keyWords
    for (let i = 0; i < value.length; i++) words[valueAt + i] = value.words[i]
  }

  /** False where it is not what it was. Loads keep their order, which the version's check relies on. */
  #copyOut(node: number, key: Packed | undefined, value: Packed): boolean {
    const base = this.#node(node)
    if (key !== undefined && !this.#load(base + ofNode.key, base + ofNode.data, key)) return false
    return this.#load(base + ofNode.value, base + ofNode.data + this.#keyWords, value)
  }

  #load(head: number, from: number, into: Packed): boolean {
    const words = this.#words
    const found = Atomics.load(words, head)
    const length = wordsOf(found)
    if (length > into.words.length) return false
    for (let i = 0; i < length; i++) into.words[i] = Atomics.load(words, from + i)
    into.head = found
    return true
  }

  #isNode(node: number): boolean {
    return node > 0 && node <= this.#nodeCount
  }

  #head(bucket: number): number {
    return Atomics.load(this.#words, firstBucket + bucket)
  }

  #next(node: number): number {
    return Atomics.load(this.#words, this.#node(node) + ofNode.next)
  }

  #node(node: number): number {
    return this.#nodes + node * this.#nodeWords
  }

  #stripe(stripe: number): number {
    return at.stripes + stripe * stripeWords
  }

  #versionAt(bucket: number): number {
    return this.#stripe(bucket % stripes) + ofStripe.version
  }

  #bucketOf(key: Packed): number {
    let hash = key.head
    for (let i = 0; i < key.length; i++) {
      hash = Math.imul(hash ^ key.words[i], 0xcc9e2d51)
      hash ^= hash >>> 15
      hash = Math.imul(hash, 0x1b873593)
    }
    // The finalizer of MurmurHash3 (Austin Appleby, public domain).
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
    return ((hash ^ (hash >>> 16)) >>> 0) & (this.#buckets - 1)
  }
}

/** A power of two, at least one for each entry. */
function bucketsFor(capacity: number): number {
  return Math.max(stripes, 2 ** Math.ceil(Math.log2(capacity)))
}
