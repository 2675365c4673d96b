/** BLAKE3 (O'Connor, Aumasson, Neves and Wilcox-O'Hearn 2020), 256 bits, a node at a time. */

const start = Int32Array.of(
  0x6a09e667,
  0xbb67ae85,
  0x3c6ef372,
  0xa54ff53a,
  0x510e527f,
  0x9b05688c,
  0x1f83d9ab,
  0x5be0cd19,
)
const flag = { chunkStart: 1, chunkEnd: 2, parent: 4, root: 8 } as const
const chunkBytes = 1024

/** Which words of the block each round takes: every row is the one before, permuted. */
const order = Uint8Array.from(
  [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8],
    [3, 4, 10, 12, 13, 2, 7, 14, 6, 5, 9, 0, 11, 15, 8, 1],
    [10, 7, 12, 9, 14, 3, 13, 15, 4, 0, 11, 2, 5, 8, 1, 6],
    [12, 13, 9, 11, 15, 10, 14, 8, 7, 2, 5, 3, 0, 1, 6, 4],
    [9, 14, 11, 5, 8, 12, 15, 1, 13, 3, 0, 10, 2, 6, 4, 7],
    [11, 15, 5, 0, 1, 9, 8, 6, 14, 10, 2, 12, 3, 4, 7, 13],
  ].flat(),
)

/** The words of the block. */
const m = new Int32Array(16)

/** Takes the block in `m` into the chaining value. The state lives in variables: an array took twice as long. */
function compress(value: Int32Array, counter: number, bytes: number, flags: number): void {
  let [a0, a1, a2, a3] = [value[0], value[1], value[2], value[3]]
  let [b0, b1, b2, b3] = [value[4], value[5], value[6], value[7]]
  let [c0, c1, c2, c3] = [start[0], start[1], start[2], start[3]]
  let [d0, d1, d2, d3] = [counter | 0, (counter / 2 ** 32) | 0, bytes, flags]
  for (let at = 0; at < order.length; at += 16) {
    // Columns.
    a0 = (a0 + b0 + m[order[at]]) | 0
    d0 ^= a0
    d0 = (d0 >>> 16) | (d0 << 16)
    c0 = (c0 + d0) | 0
    b0 ^= c0
    b0 = (b0 >>> 12) | (b0 << 20)
    a0 = (a0 + b0 + m[order[at + 1]]) | 0
    d0 ^= a0
    d0 = (d0 >>> 8) | (d0 << 24)
    c0 = (c0 + d0) | 0
    b0 ^= c0
    b0 = (b0 >>> 7) | (b0 << 25)
    a1 = (a1 + b1 + m[order[at + 2]]) | 0
    d1 ^= a1
    d1 = (d1 >>> 16) | (d1 << 16)
    c1 = (c1 + d1) | 0
    b1 ^= c1
    b1 = (b1 >>> 12) | (b1 << 20)
    a1 = (a1 + b1 + m[order[at + 3]]) | 0
    d1 ^= a1
    d1 = (d1 >>> 8) | (d1 << 24)
    c1 = (c1 + d1) | 0
    b1 ^= c1
    b1 = (b1 >>> 7) | (b1 << 25)
    a2 = (a2 + b2 + m[order[at + 4]]) | 0
    d2 ^= a2
    d2 = (d2 >>> 16) | (d2 << 16)
    c2 = (c2 + d2) | 0
    b2 ^= c2
    b2 = (b2 >>> 12) | (b2 << 20)
    a2 = (a2 + b2 + m[order[at + 5]]) | 0
    d2 ^= a2
    d2 = (d2 >>> 8) | (d2 << 24)
    c2 = (c2 + d2) | 0
    b2 ^= c2
    b2 = (b2 >>> 7) | (b2 << 25)
    a3 = (a3 + b3 + m[order[at + 6]]) | 0
    d3 ^= a3
    d3 = (d3 >>> 16) | (d3 << 16)
    c3 = (c3 + d3) | 0
    b3 ^= c3
    b3 = (b3 >>> 12) | (b3 << 20)
    a3 = (a3 + b3 + m[order[at + 7]]) | 0
    d3 ^= a3
    d3 = (d3 >>> 8) | (d3 << 24)
    c3 = (c3 + d3) | 0
    b3 ^= c3
    b3 = (b3 >>> 7) | (b3 << 25)
    // Diagonals.
    a0 = (a0 + b1 + m[order[at + 8]]) | 0
    d3 ^= a0
    d3 = (d3 >>> 16) | (d3 << 16)
    c2 = (c2 + d3) | 0
    b1 ^= c2
    b1 = (b1 >>> 12) | (b1 << 20)
    a0 = (a0 + b1 + m[order[at + 9]]) | 0
    d3 ^= a0
    d3 = (d3 >>> 8) | (d3 << 24)
    c2 = (c2 + d3) | 0
    b1 ^= c2
    b1 = (b1 >>> 7) | (b1 << 25)
    a1 = (a1 + b2 + m[order[at + 10]]) | 0
    d0 ^= a1
    d0 = (d0 >>> 16) | (d0 << 16)
    c3 = (c3 + d0) | 0
    b2 ^= c3
    b2 = (b2 >>> 12) | (b2 << 20)
    a1 = (a1 + b2 + m[order[at + 11]]) | 0
    d0 ^= a1
    d0 = (d0 >>> 8) | (d0 << 24)
    c3 = (c3 + d0) | 0
    b2 ^= c3
    b2 = (b2 >>> 7) | (b2 << 25)
    a2 = (a2 + b3 + m[order[at + 12]]) | 0
    d1 ^= a2
    d1 = (d1 >>> 16) | (d1 << 16)
    c0 = (c0 + d1) | 0
    b3 ^= c0
    b3 = (b3 >>> 12) | (b3 << 20)
    a2 = (a2 + b3 + m[order[at + 13]]) | 0
    d1 ^= a2
    d1 = (d1 >>> 8) | (d1 << 24)
    c0 = (c0 + d1) | 0
    b3 ^= c0
    b3 = (b3 >>> 7) | (b3 << 25)
    a3 = (a3 + b0 + m[order[at + 14]]) | 0
    d2 ^= a3
    d2 = (d2 >>> 16) | (d2 << 16)
    c1 = (c1 + d2) | 0
    b0 ^= c1
    b0 = (b0 >>> 12) | (b0 << 20)
    a3 = (a3 + b0 + m[order[at + 15]]) | 0
    d2 ^= a3
    d2 = (d2 >>> 8) | (d2 << 24)
    c1 = (c1 + d2) | 0
    b0 ^= c1
    b0 = (b0 >>> 7) | (b0 << 25)
  }
  value[0] = a0 ^ c0
  value[1] = a1 ^ c1
  value[2] = a2 ^ c2
  value[3] = a3 ^ c3
  value[4] = b0 ^ d0
  value[5] = b1 ^ d1
  value[6] = b2 ^ d2
  value[7] = b3 ^ d3
}

const padded = new Uint8Array(64)
const paddedView = new DataView(padded.buffer)
const chunkValue = new Int32Array(8)

/** The chaining value of one chunk, into `to`. */
function hashChunk(data: DataView, at: number, bytes: number, counter: number, root: boolean, to: Int32Array): void {
  chunkValue.set(start)
  const blocks = Math.max(1, Math.ceil(bytes / 64))
  for (let block = 0; block < blocks; block++) {
    const last = block === blocks - 1
    const size = last ? bytes - 64 * block : 64
    let from = data
    let offset = at + 64 * block
    if (size < 64) {
      padded.fill(0)
      for (let i = 0; i < size; i++) padded[i] = data.getUint8(offset + i)
      from = paddedView
      offset = 0
    }
    for (let i = 0; i < 16; i++) m[i] = from.getInt32(offset + 4 * i, true)
    const ends = last ? flag.chunkEnd | (root ? flag.root : 0) : 0
    compress(chunkValue, counter, size, (block === 0 ? flag.chunkStart : 0) | ends)
  }
  to.set(chunkValue)
}

/** The parent of two nodes, into `to`. */
function joinNodes(left: Int32Array, right: Int32Array, root: boolean, to: Int32Array): void {
  m.set(left)
  m.set(right, 8)
  chunkValue.set(start)
  compress(chunkValue, 0, 64, flag.parent | (root ? flag.root : 0))
  to.set(chunkValue)
}

function node(values: Int32Array, index: number): Int32Array {
  return values.subarray(8 * index, 8 * index + 8)
}

/** Pairs neighbours level by level until one is left: the tree whose left subtrees are whole powers of two. */
function fold(values: Int32Array, nodes: number, root: boolean): void {
  let count = nodes
  while (count > 1) {
    for (let i = 0; i + 1 < count; i += 2) {
      joinNodes(node(values, i), node(values, i + 1), root && count === 2, node(values, i / 2))
    }
    if (count % 2 === 1) node(values, (count - 1) / 2).set(node(values, count - 1))
    count = Math.ceil(count / 2)
  }
}

/** The node over `bytes` bytes that begin `before` bytes into the message, a whole number of chunks. */
export function blake3Part(data: DataView, bytes: number, before: number, root: boolean): Int32Array {
  const chunks = Math.max(1, Math.ceil(bytes / chunkBytes))
  const values = new Int32Array(8 * chunks)
  for (let i = 0; i < chunks; i++) {
    const size = Math.min(chunkBytes, bytes - i * chunkBytes)
    hashChunk(data, i * chunkBytes, size, before / chunkBytes + i, root && chunks === 1, node(values, i))
  }
  fold(values, chunks, root)
  return node(values, 0)
}

/** The root over the parts of a message. */
export function blake3Join(parts: Int32Array, count: number, root: boolean): Int32Array {
  const values = parts.slice(0, 8 * count)
  fold(values, count, root)
  return node(values, 0)
}

/**
 * Adds a node to a stream's: the largest subtrees so far, as many as there are ones in the number of pieces. At the
 * end all are joined to the root, which is then the first.
 */
export function blake3Push(nodes: Int32Array, pieces: number, value: Int32Array, final: boolean): void {
  let depth = 0
  for (let rest = pieces; rest > 0; rest = Math.floor(rest / 2)) depth += rest % 2
  let rest = pieces
  const last = value.slice()
  while (depth > 0 && (final || rest % 2 === 1)) {
    depth--
    joinNodes(node(nodes, depth), last, final && depth === 0, last)
    rest = Math.floor(rest / 2)
  }
  node(nodes, depth).set(last)
}
