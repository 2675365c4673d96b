/** The upper word of the product of two words, each of 32 bits. Both halves stay below 2^53. */
export function upperWord(word: number, range: number): number {
  const lower = (word & 0xffff) * range
  const upper = (word >>> 16) * range
  return Math.floor((upper + Math.floor(lower / 65536)) / 65536)
}
