/** CRC-32C (Castagnoli, Braeuer and Herrmann 1993), reflected, by tables for eight bytes a step (Kounavis, Berry 2005). */

const generator = 0x82f63b78

/** slices[256 * k + b]: what byte b does to the checksum k bytes later. */
const slices = new Int32Array(8 * 256)
for (let value = 0; value < 256; value++) {
  let crc = value
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (generator & -(crc & 1))
  slices[value] = crc
}
for (let i = 256; i < slices.length; i++) {
  const crc = slices[i - 256]
  slices[i] = (crc >>> 8) ^ slices[crc & 255]
}

/** The checksum after more bytes; neither end is complemented. */
export function crc32c(initial: number, data: DataView, bytes: number): number {
  let crc = initial
  let at = 0
  for (; at + 8 <= bytes; at += 8) {
    const low = crc ^ data.getInt32(at, true)
    const high = data.getInt32(at + 4, true)
    crc =
      slices[1792 + (low & 255)] ^
      slices[1536 + ((low >>> 8) & 255)] ^
      slices[1280 + ((low >>> 16) & 255)] ^
      slices[1024 + (low >>> 24)] ^
      slices[768 + (high & 255)] ^
      slices[512 + ((high >>> 8) & 255)] ^
      slices[256 + ((high >>> 16) & 255)] ^
      slices[high >>> 24]
  }
  for (; at < bytes; at++) crc = (crc >>> 8) ^ slices[(crc ^ data.getUint8(at)) & 255]
  return crc
}

/** The product of two polynomials over GF(2) modulo the generator; the top bit is x^0. */
function multiply(a: number, b: number): number {
  let product = 0
  for (let i = 31; i >= 0; i--) {
    product ^= b & -((a >>> i) & 1)
    b = (b >>> 1) ^ (generator & -(b & 1))
  }
  return product
}

/** The checksum of two runs of bytes, of which the second was taken up from zero and has `bytes`. */
export function joinCrc32c(first: number, second: number, bytes: number): number {
  let power = 0x80000000
  let square = 0x00800000
  for (let rest = bytes; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) power = multiply(power, square)
    square = multiply(square, square)
  }
  return multiply(first, power) ^ second
}
