/**
 * XXH3, 64 and 128 bits, after the specification of xxHash (Collet 2012 to 2020; doc/xxhash_spec.md of release 0.8.2).
 * What a message has once is written in BigInt; stripes, of which long ones have one for every 64 bytes, in halves.
 */

const secretBytes = Buffer.from(
  'b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221' +
    'b8084674f743248ee03590e6813a264c3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8' +
    'a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364eac5ac8334d3ebc3c581a0fffa1363eb' +
    '170ddd51b7f0da49d316552629d4689e2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e',
  'hex',
)

const [p32a, p32b, p32c] = [0x9e3779b1n, 0x85ebca77n, 0xc2b2ae3dn]
const p64a = 0x9e3779b185ebca87n
const p64b = 0xc2b2ae3d27d4eb4fn
const p64c = 0x165667b19e3779f9n
const p64d = 0x85ebca77c2b2ae63n
const p64e = 0x27d4eb2f165667c5n
const mixA = 0x165667919e3779f9n
const mixB = 0x9fb21c651e98df25n
const prime32 = 0x9e3779b1 | 0

const start = new BigUint64Array([p32c, p64a, p64b, p64c, p64d, p32b, p64e, p32a])

const u64 = (x: bigint): bigint => BigInt.asUintN(64, x)
const view = new DataView(secretBytes.buffer, secretBytes.byteOffset, secretBytes.length)
const secret = (at: number): bigint => view.getBigUint64(at, true)

function swap64(x: bigint): bigint {
  const bytes = new DataView(new ArrayBuffer(8))
  bytes.setBigUint64(0, x)
  return bytes.getBigUint64(0, true)
}

function swap32(x: number): number {
  return ((x >>> 24) | ((x >>> 8) & 0xff00) | ((x << 8) & 0xff0000) | (x << 24)) >>> 0
}

function foldProduct(a: bigint, b: bigint): bigint {
  const product = a * b
  return u64(product) ^ (product >> 64n)
}

function avalanche64(x: bigint): bigint {
  let h = u64((x ^ (x >> 33n)) * p64b)
  h = u64((h ^ (h >> 29n)) * p64c)
  return h ^ (h >> 32n)
}

function avalanche(x: bigint): bigint {
  const h = u64((x ^ (x >> 37n)) * mixA)
  return h ^ (h >> 32n)
}

function mix16(data: DataView, at: number, key: number, seed: bigint): bigint {
  const low = data.getBigUint64(at, true) ^ u64(secret(key) + seed)
  const high = data.getBigUint64(at + 8, true) ^ u64(secret(key + 8) - seed)
  return foldProduct(low, high)
}

function spreadSeed(seed: bigint): bigint {
  return seed ^ (BigInt(swap32(Number(seed & 0xffffffffn))) << 32n)
}

function fewBytes(data: DataView, n: number): number {
  const [first, middle, last] = [data.getUint8(0), data.getUint8(n >> 1), data.getUint8(n - 1)]
  return ((first << 16) | (middle << 24) | last | (n << 8)) >>> 0
}

const key32 = (at: number): bigint => BigInt((view.getUint32(at, true) ^ view.getUint32(at + 4, true)) >>> 0)
const key64 = (at: number): bigint => secret(at) ^ secret(at + 8)
const word = (data: DataView, at: number): bigint => BigInt(data.getUint32(at, true))

function short(data: DataView, n: number, seed: bigint): bigint {
  if (n === 0) return avalanche64(seed ^ key64(56))
  if (n <= 3) return avalanche64(BigInt(fewBytes(data, n)) ^ u64(key32(0) + seed))
  if (n <= 8) {
    let h = (word(data, n - 4) + (word(data, 0) << 32n)) ^ u64(key64(8) - spreadSeed(seed))
    h ^= u64((h << 49n) | (h >> 15n)) ^ u64((h << 24n) | (h >> 40n))
    h = u64(h * mixB)
    h = u64((h ^ ((h >> 35n) + BigInt(n))) * mixB)
    return h ^ (h >> 28n)
  }
  if (n <= 16) {
    const low = data.getBigUint64(0, true) ^ u64(key64(24) + seed)
    const high = data.getBigUint64(n - 8, true) ^ u64(key64(40) - seed)
    return avalanche(u64(BigInt(n) + swap64(low) + high + foldProduct(low, high)))
  }
  let sum = BigInt(n) * p64a
  if (n <= 128) {
    for (let i = 0; i <= Math.floor((n - 1) / 32); i++) {
      sum += mix16(data, 16 * i, 32 * i, seed) + mix16(data, n - 16 * (i + 1), 32 * i + 16, seed)
    }
    return avalanche(u64(sum))
  }
  for (let i = 0; i < 8; i++) sum += mix16(data, 16 * i, 16 * i, seed)
  sum = avalanche(u64(sum))
  for (let i = 8; i < Math.floor(n / 16); i++) sum += mix16(data, 16 * i, 16 * (i - 8) + 3, seed)
  return avalanche(u64(sum + mix16(data, n - 16, 136 - 17, seed)))
}

function shortWide(data: DataView, n: number, seed: bigint): [low: bigint, high: bigint] {
  if (n === 0) return [avalanche64(seed ^ key64(64)), avalanche64(seed ^ key64(80))]
  if (n <= 3) {
    const low = fewBytes(data, n)
    const swapped = swap32(low)
    const high = ((swapped << 13) | (swapped >>> 19)) >>> 0
    return [avalanche64(BigInt(low) ^ u64(key32(0) + seed)), avalanche64(BigInt(high) ^ u64(key32(8) - seed))]
  }
  if (n <= 8) {
    const both = word(data, 0) + (word(data, n - 4) << 32n)
    const product = (both ^ u64(key64(16) + spreadSeed(seed))) * (p64a + BigInt(4 * n))
    let low = u64(product)
    const high = u64((product >> 64n) + (low << 1n))
    low ^= high >> 3n
    low = u64((low ^ (low >> 35n)) * mixB)
    return [low ^ (low >> 28n), avalanche(high)]
  }
  if (n <= 16) {
    const last = data.getBigUint64(n - 8, true)
    const product = (data.getBigUint64(0, true) ^ last ^ u64(key64(32) - seed)) * p64a
    const keyed = last ^ u64(key64(48) + seed)
    let low = u64(product + (BigInt(n - 1) << 54n))
    const high = u64(u64(product >> 64n) + keyed + (keyed & 0xffffffffn) * (p32b - 1n))
    low ^= swap64(high)
    const next = low * p64b
    return [avalanche(u64(next)), avalanche(u64((next >> 64n) + high * p64b))]
  }
  let low = u64(BigInt(n) * p64a)
  let high = 0n
  const mix32 = (first: number, second: number, key: number, by: bigint): void => {
    const sums = (at: number): bigint => u64(data.getBigUint64(at, true) + data.getBigUint64(at + 8, true))
    low = u64(low + mix16(data, first, key, by)) ^ sums(second)
    high = u64(high + mix16(data, second, key + 16, by)) ^ sums(first)
  }
  if (n <= 128) {
    for (let i = Math.floor((n - 1) / 32); i >= 0; i--) mix32(16 * i, n - 16 * (i + 1), 32 * i, seed)
  } else {
    for (let i = 0; i < 128; i += 32) mix32(i, i + 16, i, seed)
    low = avalanche(low)
    high = avalanche(high)
    for (let i = 128; i + 32 <= n; i += 32) mix32(i, i + 16, 3 + i - 128, seed)
    mix32(n - 16, n - 32, 136 - 17 - 16, u64(-seed))
  }
  const mixed = u64(low * p64a + high * p64d + u64(BigInt(n) - seed) * p64b)
  return [avalanche(u64(low + high)), u64(-avalanche(mixed))]
}

function canonical(low: bigint, high?: bigint): Uint8Array {
  const to = new DataView(new ArrayBuffer(high === undefined ? 8 : 16))
  if (high !== undefined) to.setBigUint64(0, high)
  to.setBigUint64(to.byteLength - 8, low)
  return new Uint8Array(to.buffer)
}

/** The digest of at most 240 bytes. */
export function xxh3Short(data: DataView, n: number, seed: bigint, wide: boolean): Uint8Array {
  return wide ? canonical(...shortWide(data, n, seed)) : canonical(short(data, n, seed))
}

/** The secret of a seed for long messages: 24 words of 64 bits. */
export function xxh3Secret(seed: bigint): Int32Array {
  const words = new BigUint64Array(24)
  for (let i = 0; i < 24; i++) words[i] = u64(secret(8 * i) + (i % 2 === 0 ? seed : -seed))
  return new Int32Array(words.buffer)
}

/** The eight sums at the start, each as its low and high half. */
export function xxh3Start(sums: Int32Array): void {
  sums.set(new Int32Array(start.buffer))
}

/** Takes in 64 bytes with the words of the secret from `key` on. */
function stripe(sums: Int32Array, data: DataView, at: number, words: Int32Array, key: number): void {
  for (let i = 0; i < 16; i += 2) {
    const low = data.getInt32(at + 4 * i, true)
    const high = data.getInt32(at + 4 * i + 4, true)
    // Each sum gets its neighbour's data.
    add(sums, i ^ 2, low, high)
    const x = low ^ words[key + i]
    const y = high ^ words[key + i + 1]
    add(sums, i, Math.imul(x, y), highProduct(x, y))
  }
}

function add(sums: Int32Array, i: number, low: number, high: number): void {
  const sum = (sums[i] >>> 0) + (low >>> 0)
  sums[i] = sum
  sums[i + 1] += high + (sum > 0xffffffff ? 1 : 0)
}

/** The upper 32 bits of a product of two 32-bit numbers. */
function highProduct(x: number, y: number): number {
  const [a, b, c, d] = [x & 0xffff, x >>> 16, y & 0xffff, y >>> 16]
  const bc = Math.imul(b, c)
  const ad = Math.imul(a, d)
  const middle = (Math.imul(a, c) >>> 16) + (bc & 0xffff) + (ad & 0xffff)
  return (Math.imul(b, d) + (bc >>> 16) + (ad >>> 16) + (middle >>> 16)) | 0
}

function scramble(sums: Int32Array, words: Int32Array): void {
  for (let i = 0; i < 16; i += 2) {
    const low = sums[i] ^ (sums[i + 1] >>> 15) ^ words[32 + i]
    const high = sums[i + 1] ^ words[33 + i]
    sums[i] = Math.imul(low, prime32)
    sums[i + 1] = highProduct(low, prime32) + Math.imul(high, prime32)
  }
}

/** Takes in so many blocks of 1024 bytes. */
export function xxh3Blocks(sums: Int32Array, data: DataView, at: number, blocks: number, words: Int32Array): void {
  for (let block = 0; block < blocks; block++) {
    for (let i = 0; i < 16; i++) stripe(sums, data, at + 1024 * block + 64 * i, words, 2 * i)
    scramble(sums, words)
  }
}

/** Takes in the 1 to 1024 bytes after the blocks and the last 64 of all, and gives the digest of `total` bytes. */
export function xxh3End(
  sums: Int32Array,
  data: DataView,
  at: number,
  bytes: number,
  last: DataView,
  words: Int32Array,
  total: number,
  wide: boolean,
): Uint8Array {
  const stripes = Math.floor((bytes - 1) / 64)
  for (let i = 0; i < stripes; i++) stripe(sums, data, at + 64 * i, words, 2 * i)
  const keys = new Uint8Array(words.buffer, words.byteOffset, 192)
  stripe(sums, last, 0, new Int32Array(keys.slice(121, 185).buffer), 0)
  const parts = new BigUint64Array(sums.slice().buffer)
  const key = new DataView(keys.buffer, keys.byteOffset, 192)
  const merge = (from: number, initial: bigint): bigint => {
    let sum = initial
    for (let i = 0; i < 4; i++) {
      const low = parts[2 * i] ^ key.getBigUint64(from + 16 * i, true)
      sum += foldProduct(low, parts[2 * i + 1] ^ key.getBigUint64(from + 16 * i + 8, true))
    }
    return avalanche(u64(sum))
  }
  const low = merge(11, u64(BigInt(total) * p64a))
  return wide ? canonical(low, merge(192 - 64 - 11, u64(~(BigInt(total) * p64b)))) : canonical(low)
}
