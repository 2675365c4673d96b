// Random numbers by definition: ChaCha8 one block at a time, integers as BigInts, densities by the engine's own Math.

type Block = (counter: bigint) => Uint32Array

/** One block of ChaCha: 16 words in, 16 words out. */
export function chacha(input: Uint32Array, rounds: number): Uint32Array {
  const x = input.slice()
  const rotate = (value: number, bits: number) => (value << bits) | (value >>> (32 - bits))
  const quarter = (a: number, b: number, c: number, d: number) => {
    for (const [to, by, other, bits] of [
      [a, b, d, 16],
      [c, d, b, 12],
      [a, b, d, 8],
      [c, d, b, 7],
    ]) {
      x[to] += x[by]
      x[other] = rotate(x[other] ^ x[to], bits)
    }
  }
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < 4; i++) {
      const shift = round % 2
      quarter(i, 4 + ((i + shift) % 4), 8 + ((i + 2 * shift) % 4), 12 + ((i + 3 * shift) % 4))
    }
  }
  return x.map((value, i) => value + input[i])
}

const constant = new Uint32Array(new TextEncoder().encode('expand 32-byte k').buffer)
const ours = new Uint32Array(new TextEncoder().encode('offloop random 1').buffer)

/** What the functions of one seed and stream draw from. */
export function blocks(seed: number, stream: number, domain: number, attempt = 0): Block {
  const words = (value: bigint) => [Number(value & 0xffffffffn), Number(value >> 32n)]
  const key = [...words(BigInt(seed)), ...words(BigInt(stream)), ...ours]
  const known = new Map<bigint, Uint32Array>()
  return (counter) => {
    let block = known.get(counter)
    if (block === undefined) {
      block = chacha(Uint32Array.from([...constant, ...key, ...words(counter), domain, attempt]), 8)
      known.set(counter, block)
      if (known.size > 64) known.delete(known.keys().next().value as bigint)
    }
    return block
  }
}

/** Word number `i` of a domain: 16 blocks give a group, of which all first words come first, then all second ones. */
export function wordAt(block: Block, i: number): number {
  const group = Math.floor(i / 256)
  return block(BigInt(group * 16 + (i % 16)))[Math.floor((i % 256) / 16)]
}

export function draw64At(block: Block, i: number): bigint {
  return BigInt(wordAt(block, 2 * i)) | (BigInt(wordAt(block, 2 * i + 1)) << 32n)
}

/** What element `element` draws after its first draw: its own block, then those of further attempts. */
export function* moreWords(seed: number, stream: number, domain: number, element: bigint): Generator<number, never> {
  for (let attempt = 0; ; attempt++) yield* blocks(seed, stream, domain + 2 ** 31, attempt)(element)
}

function draws64(words: Generator<number, never>): () => bigint {
  return () => BigInt(words.next().value) | (BigInt(words.next().value) << 32n)
}

export interface Source {
  readonly n: number
  readonly seed: number
  readonly stream: number
}

const unit64 = (draw: bigint): number => Number(draw >> 11n) / 2 ** 53

/** u in [0, 1) with 53 bits. */
export function uniform64({ n, seed, stream }: Source): Float64Array {
  const block = blocks(seed, stream, 1)
  return Float64Array.from({ length: n }, (_, i) => unit64(draw64At(block, i)))
}

/** u in [0, 1) with 24 bits. */
export function uniform32({ n, seed, stream }: Source): Float64Array {
  const block = blocks(seed, stream, 2)
  return Float64Array.from({ length: n }, (_, i) => Math.floor(wordAt(block, i) / 256) / 2 ** 24)
}

/** Integers from `low` on, `range` of them, by exact arithmetic. */
export function integers({ n, seed, stream }: Source, low: bigint, range: bigint): bigint[] {
  if (range > 2n ** 32n) {
    const block = blocks(seed, stream, 6)
    const mask = 2n ** BigInt((range - 1n).toString(2).length) - 1n
    return Array.from({ length: n }, (_, i) => {
      let offset = draw64At(block, i) & mask
      if (offset >= range) {
        const next = draws64(moreWords(seed, stream, 6, BigInt(i)))
        while (offset >= range) offset = next() & mask
      }
      return low + offset
    })
  }
  const block = blocks(seed, stream, 5)
  return Array.from(
    { length: n },
    (_, i) => low + lemire(wordAt(block, i), range, () => moreWords(seed, stream, 5, BigInt(i))),
  )
}

/** Each of `range` results has exactly floor(2^32 / range) words: those with too small a remainder are refused. */
function lemire(word: number, range: bigint, more: () => Generator<number, never>): bigint {
  const refused = 2n ** 32n % range
  let product = BigInt(word) * range
  if (product % 2n ** 32n < refused) {
    const words = more()
    while (product % 2n ** 32n < refused) product = BigInt(words.next().value) * range
  }
  return product >> 32n
}

interface Shape {
  readonly domain: number
  readonly tail: number
  readonly area: number
  readonly density: (x: number) => number
  readonly inverse: (y: number) => number
  /** A number beyond the tail's edge, or undefined: take the whole again from there. */
  readonly beyond: ((unit: () => number) => number) | undefined
}

const half: Shape = {
  domain: 3,
  tail: 3.6541528853610088,
  area: 0.004928673233974655,
  density: (x) => Math.exp((-x * x) / 2),
  inverse: (y) => Math.sqrt(-2 * Math.log(y)),
  beyond(unit) {
    for (;;) {
      const a = -Math.log(1 - unit()) / this.tail
      if (-2 * Math.log(1 - unit()) >= a * a) return this.tail + a
    }
  },
}

const decay: Shape = {
  domain: 4,
  tail: 7.69711747013105,
  area: 0.003949659822581557,
  density: (x) => Math.exp(-x),
  inverse: (y) => -Math.log(y),
  beyond: undefined,
}

export const standardNormal = (source: Source): Float64Array => ziggurat(source, half, true)
export const standardExponential = (source: Source): Float64Array => ziggurat(source, decay, false)

/** Layers of equal area; a point of a layer is taken if it lies under the density. */
function ziggurat({ n, seed, stream }: Source, shape: Shape, signed: boolean): Float64Array {
  const { domain, tail, area, density, inverse } = shape
  const edges = [area / density(tail), tail]
  while (edges.length < 256) edges.push(inverse(area / edges[edges.length - 1] + density(edges[edges.length - 1])))
  edges.push(0)
  const block = blocks(seed, stream, domain)
  return Float64Array.from({ length: n }, (_, i) => {
    let bits = draw64At(block, i)
    let start = 0
    let more: (() => bigint) | undefined
    const next = () => (more ??= draws64(moreWords(seed, stream, domain, BigInt(i))))()
    for (;;) {
      const layer = Number(bits & 255n)
      const sign = signed && (bits & 256n) !== 0n ? -1 : 1
      const x = unit64(bits) * edges[layer]
      if (x < edges[layer + 1]) return sign * (start + x)
      if (layer > 0) {
        const low = density(edges[layer])
        if (low + unit64(next()) * (density(edges[layer + 1]) - low) < density(x)) return sign * (start + x)
      } else if (shape.beyond !== undefined) return sign * shape.beyond(() => unit64(next()))
      else start += tail
      bits = next()
    }
  })
}

/** Elements dealt to buckets, in order, and every bucket shuffled by exchanges with an element that is not later. */
export function permutation({ n, seed, stream }: Source): Uint32Array {
  let bits = 0
  if (n > 32768) while (bits < 14 && 16384 * 2 ** bits < n) bits++
  const buckets: number[][] = Array.from({ length: 2 ** bits }, () => [])
  const choices = blocks(seed, stream, 7)
  for (let i = 0; i < n; i++) {
    const word = wordAt(choices, Math.floor(i / 2))
    buckets[(i % 2 === 0 ? word % 65536 : Math.floor(word / 65536)) >> (16 - bits)].push(i)
  }
  buckets.forEach((bucket, b) => {
    const swaps = blocks(seed, stream, 8)
    for (let i = 1; i < bucket.length; i++) {
      const word = wordAt(swaps, b * 2 ** 32 + i)
      const j = lemire(word, BigInt(i + 1), () => moreWords(seed, stream, 8, (BigInt(b) << 32n) + BigInt(i)))
      ;[bucket[i], bucket[Number(j)]] = [bucket[Number(j)], bucket[i]]
    }
  })
  return Uint32Array.from(buckets.flat())
}
