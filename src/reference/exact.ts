// Exact integers of 192 bits in words 1 to 6 of a partial: six limbs of 32 bits, low first, the last one signed. A
// limb is a double, so that a few of them can be added before what is over 32 bits is carried on.

const limbs = 6
const first = 1
const radix = 2 ** 32

/** Adds `value`, an integer below 2^53 in size, times 2^(16 * position). */
export function addAt(partial: Float64Array, position: number, value: number): void {
  const limb = first + (position >> 1)
  if (position % 2 === 0) {
    partial[limb] += value
  } else {
    const high = Math.floor(value / 65536)
    partial[limb] += (value - high * 65536) * 65536
    partial[limb + 1] += high
  }
}

export function addExact(into: Float64Array, from: Float64Array): void {
  for (let limb = first; limb < first + limbs; limb++) into[limb] += from[limb]
  carry(into)
}

/** Leaves every limb but the last between 0 and 2^32 - 1. */
export function carry(partial: Float64Array): void {
  for (let limb = first; limb < first + limbs - 1; limb++) {
    const over = Math.floor(partial[limb] / radix)
    partial[limb] -= over * radix
    partial[limb + 1] += over
  }
}

export function exactBigInt(partial: Float64Array): bigint {
  let value = 0n
  for (let limb = first + limbs - 1; limb >= first; limb--) value = (value << 32n) + BigInt(partial[limb])
  return value
}

/** The nearest number, ties to even. */
export function exactNumber(partial: Float64Array): number {
  // Most sums need no BigInt: two limbs that a double holds exactly, under limbs that only repeat the sign.
  const top = partial[first + limbs - 1]
  const sign = top === -1 ? radix - 1 : top
  const high = partial[first + 1] - (top === -1 ? radix : 0)
  const small = sign === partial[first + 2] && sign === partial[first + 3] && sign === partial[first + 4]
  if ((top === 0 || top === -1) && small && Math.abs(high) < 2 ** 20) return high * radix + partial[first]
  return Number(exactBigInt(partial))
}
