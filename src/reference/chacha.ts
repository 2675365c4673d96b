/**
 * ChaCha with 8 rounds (Bernstein, "ChaCha, a variant of Salsa20", 2008) as a counter-based generator, as in
 * native/kernels/random_chacha.h. Word w of the block with counter (low[lane], high[lane]) goes to
 * to[offset + 16 w + lane], for each of `lanes` lanes.
 */
export function chachaGroup(
  state: Int32Array,
  low: Int32Array,
  high: Int32Array,
  lanes: number,
  to: Uint32Array,
  offset: number,
): void {
  const input = state
  for (let lane = 0; lane < lanes; lane++) {
    let x0 = input[0]
    let x1 = input[1]
    let x2 = input[2]
    let x3 = input[3]
    let x4 = input[4]
    let x5 = input[5]
    let x6 = input[6]
    let x7 = input[7]
    let x8 = input[8]
    let x9 = input[9]
    let x10 = input[10]
    let x11 = input[11]
    let x12 = low[lane]
    let x13 = high[lane]
    let x14 = input[14]
    let x15 = input[15]
    for (let round = 0; round < 8; round += 2) {
      x0 = (x0 + x4) | 0
      x12 ^= x0
      x12 = (x12 << 16) | (x12 >>> 16)
      x8 = (x8 + x12) | 0
      x4 ^= x8
      x4 = (x4 << 12) | (x4 >>> 20)
      x0 = (x0 + x4) | 0
      x12 ^= x0
      x12 = (x12 << 8) | (x12 >>> 24)
      x8 = (x8 + x12) | 0
      x4 ^= x8
      x4 = (x4 << 7) | (x4 >>> 25)
      x1 = (x1 + x5) | 0
      x13 ^= x1
      x13 = (x13 << 16) | (x13 >>> 16)
      x9 = (x9 + x13) | 0
      x5 ^= x9
      x5 = (x5 << 12) | (x5 >>> 20)
      x1 = (x1 + x5) | 0
      x13 ^= x1
      x13 = (x13 << 8) | (x13 >>> 24)
      x9 = (x9 + x13) | 0
      x5 ^= x9
      x5 = (x5 << 7) | (x5 >>> 25)
      x2 = (x2 + x6) | 0
      x14 ^= x2
      x14 = (x14 << 16) | (x14 >>> 16)
      x10 = (x10 + x14) | 0
      x6 ^= x10
      x6 = (x6 << 12) | (x6 >>> 20)
      x2 = (x2 + x6) | 0
      x14 ^= x2
      x14 = (x14 << 8) | (x14 >>> 24)
      x10 = (x10 + x14) | 0
      x6 ^= x10
      x6 = (x6 << 7) | (x6 >>> 25)
      x3 = (x3 + x7) | 0
      x15 ^= x3
      x15 = (x15 << 16) | (x15 >>> 16)
      x11 = (x11 + x15) | 0
      x7 ^= x11
      x7 = (x7 << 12) | (x7 >>> 20)
      x3 = (x3 + x7) | 0
      x15 ^= x3
      x15 = (x15 << 8) | (x15 >>> 24)
      x11 = (x11 + x15) | 0
      x7 ^= x11
      x7 = (x7 << 7) | (x7 >>> 25)
      x0 = (x0 + x5) | 0
      x15 ^= x0
      x15 = (x15 << 16) | (x15 >>> 16)
      x10 = (x10 + x15) | 0
      x5 ^= x10
      x5 = (x5 << 12) | (x5 >>> 20)
      x0 = (x0 + x5) | 0
      x15 ^= x0
      x15 = (x15 << 8) | (x15 >>> 24)
      x10 = (x10 + x15) | 0
      x5 ^= x10
      x5 = (x5 << 7) | (x5 >>> 25)
      x1 = (x1 + x6) | 0
      x12 ^= x1
      x12 = (x12 << 16) | (x12 >>> 16)
      x11 = (x11 + x12) | 0
      x6 ^= x11
      x6 = (x6 << 12) | (x6 >>> 20)
      x1 = (x1 + x6) | 0
      x12 ^= x1
      x12 = (x12 << 8) | (x12 >>> 24)
      x11 = (x11 + x12) | 0
      x6 ^= x11
      x6 = (x6 << 7) | (x6 >>> 25)
      x2 = (x2 + x7) | 0
      x13 ^= x2
      x13 = (x13 << 16) | (x13 >>> 16)
      x8 = (x8 + x13) | 0
      x7 ^= x8
      x7 = (x7 << 12) | (x7 >>> 20)
      x2 = (x2 + x7) | 0
      x13 ^= x2
      x13 = (x13 << 8) | (x13 >>> 24)
      x8 = (x8 + x13) | 0
      x7 ^= x8
      x7 = (x7 << 7) | (x7 >>> 25)
      x3 = (x3 + x4) | 0
      x14 ^= x3
      x14 = (x14 << 16) | (x14 >>> 16)
      x9 = (x9 + x14) | 0
      x4 ^= x9
      x4 = (x4 << 12) | (x4 >>> 20)
      x3 = (x3 + x4) | 0
      x14 ^= x3
      x14 = (x14 << 8) | (x14 >>> 24)
      x9 = (x9 + x14) | 0
      x4 ^= x9
      x4 = (x4 << 7) | (x4 >>> 25)
    }
    const at = offset + lane
    to[at] = x0 + input[0]
    to[at + 16] = x1 + input[1]
    to[at + 32] = x2 + input[2]
    to[at + 48] = x3 + input[3]
    to[at + 64] = x4 + input[4]
    to[at + 80] = x5 + input[5]
    to[at + 96] = x6 + input[6]
    to[at + 112] = x7 + input[7]
    to[at + 128] = x8 + input[8]
    to[at + 144] = x9 + input[9]
    to[at + 160] = x10 + input[10]
    to[at + 176] = x11 + input[11]
    to[at + 192] = x12 + low[lane]
    to[at + 208] = x13 + high[lane]
    to[at + 224] = x14 + input[14]
    to[at + 240] = x15 + input[15]
  }
}
