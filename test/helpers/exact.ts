// Sums of doubles and of their products without any rounding: every finite double is an integer times 2^-1074.

const number = new Float64Array(1)
const halves = new Uint32Array(number.buffer)
const flushAfter = 2 ** 20
/** Up to this many terms are added one by one, which spares short sums the tables. */
const few = 64
const none = new Float64Array(0)

/** An exact sum, held as an integer times 2^-2148, which every product of two doubles is as well. */
export class ExactSum {
  #total = 0n
  /** Significands by biased exponent, in two pieces that stay exact for 2^20 terms. */
  #high = none
  #low = none
  readonly #products = new Map<number, bigint>()
  #pending = 0

  add(x: number): void {
    if (this.#pending < few) {
      this.#pending++
      this.addProduct(x, 1)
      return
    }
    number[0] = x
    if (this.#high === none) {
      this.#high = new Float64Array(2048)
      this.#low = new Float64Array(2048)
    }
    const [low, top] = halves
    const exponent = (top >>> 20) & 0x7ff
    const high = (top & 0xfffff) | (exponent === 0 ? 0 : 0x100000)
    const place = Math.max(exponent, 1)
    const sign = top >>> 31 === 0 ? 1 : -1
    this.#high[place] += sign * high
    this.#low[place] += sign * low
    if (++this.#pending === few + flushAfter) this.#flush()
  }

  addProduct(x: number, y: number): void {
    const [a, placeOfA] = split(x)
    const [b, placeOfB] = split(y)
    const place = placeOfA + placeOfB
    this.#products.set(place, (this.#products.get(place) ?? 0n) + BigInt(a) * BigInt(b))
  }

  /** The sum times 2^2148. */
  get scaled(): bigint {
    this.#flush()
    return this.#total
  }

  #flush(): void {
    for (let place = 1; place < this.#high.length; place++) {
      const high = this.#high[place]
      const low = this.#low[place]
      if (high === 0 && low === 0) continue
      this.#total += ((BigInt(high) << 32n) + BigInt(low)) << BigInt(place - 1 + 1074)
      this.#high[place] = 0
      this.#low[place] = 0
    }
    for (const [place, sum] of this.#products) this.#total += sum << BigInt(place - 2)
    this.#products.clear()
    this.#pending = few
  }
}

/** What `ExactSum.scaled` is multiplied with. */
export const exactScale = 1n << 2148n

/** x as significand · 2^(place - 1075). */
function split(x: number): [significand: number, place: number] {
  number[0] = x
  const [low, top] = halves
  const exponent = (top >>> 20) & 0x7ff
  const high = (top & 0xfffff) | (exponent === 0 ? 0 : 0x100000)
  const significand = high * 2 ** 32 + low
  return [top >>> 31 === 0 ? significand : -significand, Math.max(exponent, 1)]
}

/** The double nearest to n / d, but for ties. */
export function quotient(n: bigint, d: bigint): number {
  if (n === 0n) return 0
  const negative = n < 0n !== d < 0n
  const a = n < 0n ? -n : n
  const b = d < 0n ? -d : d
  const shift = (a.toString(16).length - b.toString(16).length - 20) * 4
  const digits = shift > 0 ? a / (b << BigInt(shift)) : (a << BigInt(-shift)) / b
  // In two steps, because 2^shift alone may be out of range.
  const half = Math.trunc(shift / 2)
  const value = Number(digits) * 2 ** half * 2 ** (shift - half)
  return negative ? -value : value
}

/** Half the distance from 1 to the next double. */
export const unit = 2 ** -53
