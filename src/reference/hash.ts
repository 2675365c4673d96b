import { bufferOf, byteOffsetOf, lengthOf } from '../typed-array.ts'
import type { TypedArray } from '../types.ts'
import { blake3Join, blake3Part, blake3Push } from './hash-blake3.ts'
import { crc32c, joinCrc32c } from './hash-crc32c.ts'
import { sha256Blocks, sha256End, sha256Start } from './hash-sha256.ts'
import { xxh3Blocks, xxh3End, xxh3Secret, xxh3Short, xxh3Start } from './hash-xxh3.ts'
import type { Reference, ReferenceArguments } from './reference.ts'

/**
 * Digests of many items, or of a stream piece by piece; native/kernels/hash_plan.h says what a call consists of. In one
 * phase the packed items, some a block, and the others: whole, or where the algorithm is a tree a segment a block. Then
 * a phase of the long ones, a block each: segments are joined, or taken in one a round.
 */
export const hashReference: Reference = {
  prepare(args) {
    const plan = planHash(args)
    const rounds = isTree(plan) ? 1 : plan.rounds
    const longs = plan.longs.length
    return {
      phases: [{ blocks: plan.packedBlocks + plan.parts.length }, { blocks: longs }],
      scratchBytes: stateBytes * (1 + longs) + nodeBytes * plan.nodes,
      blocksMost: plan.packedBlocks + plan.parts.length + longs * rounds,
    }
  },

  runBlock(args, phase, index) {
    const plan = planHash(args)
    if (phase === 1) longBlock(args, plan, index)
    else if (index < plan.packedBlocks) packedBlock(args, plan, index)
    else partBlock(args, plan, plan.parts[index - plan.packedBlocks])
  },

  next(args, phase) {
    if (phase === 0) return 1
    const plan = planHash(args)
    const round = roundOf(args)
    round[0]++
    return !isTree(plan) && round[0] < plan.rounds ? 1 : 2
  },
}

/** The numbers of HashAlgorithm and HashMode in native/kernels/hash_plan.h. */
const algorithm = { blake3: 0, xxh3: 1, xxh3Wide: 2, crc32c: 3, sha256: 4 } as const
const mode = { digest: 0, update: 1, final: 2 } as const
const digestBytes = [32, 8, 16, 4, 32] as const
const pieceBytes = 1 << 20
/** Where the last bytes of a piece of a stream are kept, after the sums of xxh3. */
const lastBytes = 64
const segmentBytes = 65536
const stateBytes = 64
const nodeBytes = 32
const packedAtOnce = 32

interface Part {
  /** Of the views. */
  readonly view: number
  readonly at: number
  readonly bytes: number
  /** Where its node goes; -1 for the digest of a whole item. */
  readonly node: number
}

interface Long {
  readonly view: number
  readonly firstNode: number
  readonly segments: number
}

interface HashPlan {
  readonly algorithm: number
  readonly mode: number
  readonly before: number
  readonly packed: number
  readonly packedBlocks: number
  readonly parts: readonly Part[]
  readonly longs: readonly Long[]
  readonly nodes: number
  readonly rounds: number
}

function planHash(args: ReferenceArguments): HashPlan {
  const found = plans.get(args)
  if (found !== undefined) return found
  const { inputs, scalars } = args
  const [chosen, packed, how, before] = scalars
  const tree = chosen === algorithm.blake3 || chosen === algorithm.crc32c
  const parts: Part[] = []
  const longs: Long[] = []
  let nodes = 0
  let rounds = 0
  for (let view = packed > 0 ? 2 : 0; view < inputs.length; view++) {
    const bytes = inputs[view].shape[0]
    const segments = Math.max(1, Math.ceil(bytes / segmentBytes))
    const isLong = segments > 1 || how !== mode.digest
    if (!isLong) parts.push({ view, at: 0, bytes, node: -1 })
    else {
      longs.push({ view, firstNode: nodes, segments })
      rounds = Math.max(rounds, segments)
      for (let at = 0; tree && at < bytes; at += segmentBytes) {
        parts.push({ view, at, bytes: Math.min(segmentBytes, bytes - at), node: nodes++ })
      }
    }
  }
  const packedBlocks = Math.ceil(packed / packedAtOnce)
  const plan = { algorithm: chosen, mode: how, before, packed, packedBlocks, parts, longs, nodes, rounds }
  plans.set(args, plan)
  return plan
}

// The arguments are one object for all blocks of a job, which may be many.
const plans = new WeakMap<ReferenceArguments, HashPlan>()

function isTree(plan: HashPlan): boolean {
  return plan.algorithm === algorithm.blake3 || plan.algorithm === algorithm.crc32c
}

function roundOf(args: ReferenceArguments): Int32Array {
  return new Int32Array(args.scratch, 0, 1)
}

function nodesOf(args: ReferenceArguments, plan: HashPlan, first: number, count: number): Int32Array {
  const at = stateBytes * (1 + plan.longs.length) + nodeBytes * first
  return new Int32Array(args.scratch, at, (nodeBytes / 4) * count)
}

function bytesOf(array: TypedArray, at: number, bytes: number): DataView {
  // A view of nothing may lie behind the end.
  if (bytes === 0) return nothing
  return new DataView(bufferOf(array), byteOffsetOf(array) + at, bytes)
}

const nothing = new DataView(new ArrayBuffer(0))

function viewBytes(args: ReferenceArguments, view: number, at: number, bytes: number): DataView {
  const { data, offset } = args.inputs[view]
  return bytesOf(data, offset + at, bytes)
}

function seedOf({ scalars }: ReferenceArguments): bigint {
  return BigInt(scalars[4]) + (BigInt(scalars[5]) << 32n)
}

function write(args: ReferenceArguments, plan: HashPlan, item: number, digest: Uint8Array): void {
  if (args.outputs.length === 0) {
    new Uint8Array(args.results.buffer, args.results.byteOffset, digest.length).set(digest)
    return
  }
  const { data, offset } = args.outputs[0]
  ;(data as Uint8Array).set(digest, offset + item * digestBytes[plan.algorithm])
}

/** Which item a view is. */
function itemOf(plan: HashPlan, view: number): number {
  return plan.packed > 0 ? plan.packed + view - 2 : view
}

function packedBlock(args: ReferenceArguments, plan: HashPlan, index: number): void {
  const room = args.inputs[0]
  const starts = args.inputs[1].data as Uint32Array
  const last = Math.min(plan.packed, (index + 1) * packedAtOnce)
  for (let item = index * packedAtOnce; item < last; item++) {
    const end = Math.min(starts[item + 1], lengthOf(room.data))
    const at = Math.min(starts[item], end)
    write(args, plan, item, digestOf(args, plan, bytesOf(room.data, at, end - at), end - at))
  }
}

function partBlock(args: ReferenceArguments, plan: HashPlan, { view, at, bytes, node }: Part): void {
  const data = viewBytes(args, view, at, bytes)
  if (node === -1) write(args, plan, itemOf(plan, view), digestOf(args, plan, data, bytes))
  else if (plan.algorithm === algorithm.crc32c) nodesOf(args, plan, node, 1)[0] = crc32c(0, data, bytes)
  else nodesOf(args, plan, node, 1).set(blake3Part(data, bytes, plan.before + at, false))
}

/** Of an item of one segment. */
function digestOf(args: ReferenceArguments, plan: HashPlan, data: DataView, bytes: number): Uint8Array {
  switch (plan.algorithm) {
    case algorithm.blake3:
      return littleEndian(blake3Part(data, bytes, 0, true))
    case algorithm.crc32c:
      return bigEndian(~crc32c(-1, data, bytes))
    case algorithm.sha256: {
      const state = new Int32Array(8)
      sha256Start(state)
      return sha256End(state, data, bytes, bytes)
    }
    default: {
      const wide = plan.algorithm === algorithm.xxh3Wide
      const seed = seedOf(args)
      if (bytes <= 240) return xxh3Short(data, bytes, seed, wide)
      const sums = new Int32Array(16)
      xxh3Start(sums)
      return endXxh3(sums, data, bytes, lastOf(data, bytes), xxh3Secret(seed), bytes, wide)
    }
  }
}

function longBlock(args: ReferenceArguments, plan: HashPlan, index: number): void {
  const { view, firstNode, segments } = plan.longs[index]
  const bytes = args.inputs[view].shape[0]
  const item = itemOf(plan, view)
  if (plan.algorithm === algorithm.blake3) {
    const root = blake3Join(nodesOf(args, plan, firstNode, segments), segments, plan.mode === mode.digest)
    if (plan.mode === mode.digest) write(args, plan, item, littleEndian(root))
    else blake3Push(wordsOf(stateOf(args)), plan.before / pieceBytes, root, plan.mode === mode.final)
  } else if (plan.algorithm === algorithm.crc32c) {
    let crc = plan.before === 0 ? -1 : wordsOf(stateOf(args))[0]
    for (let i = 0; i < segments; i++) {
      const [part] = nodesOf(args, plan, firstNode + i, 1)
      crc = joinCrc32c(crc, part, Math.min(segmentBytes, bytes - i * segmentBytes))
    }
    if (plan.mode === mode.update) wordsOf(stateOf(args))[0] = crc
    else write(args, plan, item, bigEndian(~crc))
  } else chainBlock(args, plan, index, view, item)
}

/** One round of sha256 or xxh3. */
function chainBlock(args: ReferenceArguments, plan: HashPlan, index: number, view: number, item: number): void {
  const bytes = args.inputs[view].shape[0]
  const [round] = roundOf(args)
  const at = round * segmentBytes
  if (at >= bytes) return
  const sha = plan.algorithm === algorithm.sha256
  const chain = new Int32Array(args.scratch, stateBytes * (1 + index), sha ? 8 : 16)
  const kept = stateOf(args)
  if (round === 0) {
    if (plan.before > 0) chain.set(wordsOf(kept).subarray(0, chain.length))
    else if (sha) sha256Start(chain)
    else xxh3Start(chain)
  }
  const size = Math.min(segmentBytes, bytes - at)
  const data = viewBytes(args, view, at, size)
  const ends = at + size === bytes
  const total = plan.before + bytes
  if (ends && plan.mode !== mode.update) {
    const wide = plan.algorithm === algorithm.xxh3Wide
    const digest = sha
      ? sha256End(chain, data, size, total)
      : endXxh3(chain, data, size, lastOfStream(args, view, bytes), xxh3Secret(seedOf(args)), total, wide)
    write(args, plan, item, digest)
    return
  }
  if (sha) sha256Blocks(chain, data, 0, size / 64)
  else xxh3Blocks(chain, data, 0, size / 1024, xxh3Secret(seedOf(args)))
  if (!ends) return
  wordsOf(kept).set(chain)
  for (let i = 0; i < lastBytes; i++) kept[64 + i] = data.getUint8(size - lastBytes + i)
}

function endXxh3(
  sums: Int32Array,
  data: DataView,
  bytes: number,
  last: DataView,
  words: Int32Array,
  total: number,
  wide: boolean,
): Uint8Array {
  const blocks = Math.floor((bytes - 1) / 1024)
  xxh3Blocks(sums, data, 0, blocks, words)
  return xxh3End(sums, data, 1024 * blocks, bytes - 1024 * blocks, last, words, total, wide)
}

function lastOf(data: DataView, bytes: number): DataView {
  return new DataView(data.buffer, data.byteOffset + bytes - lastBytes, lastBytes)
}

/** The last 64 bytes of an item or a stream, some of which may have come with the piece before. */
function lastOfStream(args: ReferenceArguments, view: number, bytes: number): DataView {
  if (bytes >= lastBytes) return viewBytes(args, view, bytes - lastBytes, lastBytes)
  const data = viewBytes(args, view, 0, bytes)
  const kept = stateOf(args)
  const last = new DataView(new ArrayBuffer(lastBytes))
  for (let i = 0; i < lastBytes; i++) {
    const from = i + bytes - lastBytes
    last.setUint8(i, from < 0 ? kept[64 + i + bytes] : data.getUint8(from))
  }
  return last
}

function stateOf({ outputs }: ReferenceArguments): Uint8Array {
  return outputs.length === 0 ? noState : (outputs[0].data as Uint8Array)
}

const noState = new Uint8Array(0)

function wordsOf(state: Uint8Array): Int32Array {
  return new Int32Array(bufferOf(state), byteOffsetOf(state), lengthOf(state) / 4)
}

function littleEndian(words: Int32Array): Uint8Array {
  const to = new DataView(new ArrayBuffer(32))
  for (let i = 0; i < 8; i++) to.setInt32(4 * i, words[i], true)
  return new Uint8Array(to.buffer)
}

function bigEndian(word: number): Uint8Array {
  return Uint8Array.of(word >>> 24, word >>> 16, word >>> 8, word)
}
