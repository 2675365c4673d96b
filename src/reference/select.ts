/**
 * Brings the keys of some ranks to their places: before each only what is not greater, after it what is not smaller.
 * Parts of the array are halved by pivots from a sample around the rank that is looked for (Floyd and Rivest 1975), as
 * far as ranks lie in them. No NaN; -0 is below +0. Works for BigInts as for numbers.
 */
export function selectRanks(keys: Float64Array, ranks: readonly number[]): void {
  const sorted = ranks.toSorted((a, b) => a - b)
  // The middle rank first, so that the others have less to look at.
  const visit = (first: number, last: number, left: number, right: number): void => {
    if (first >= last) return
    const middle = (first + last) >> 1
    selectOne(keys, left, right, sorted[middle])
    visit(first, middle, left, sorted[middle] - 1)
    visit(middle + 1, last, sorted[middle] + 1, right)
  }
  visit(0, sorted.length, 0, keys.length - 1)
}

/** Whether a comes before b. */
export function isBelow(a: number, b: number): boolean {
  return a < b || (a === b && a === 0 && 1 / a < 0 && 1 / b > 0)
}

/** Floyd and Rivest's algorithm 489 (1975), for keys[left .. right]. */
function selectOne(keys: Float64Array, left: number, right: number, k: number): void {
  while (right > left) {
    if (right - left > 600) {
      const n = right - left + 1
      const i = k - left + 1
      const z = Math.log(n)
      const s = 0.5 * Math.exp((2 * z) / 3)
      const sd = 0.5 * Math.sqrt((z * s * (n - s)) / n) * Math.sign(i - n / 2)
      selectOne(
        keys,
        Math.max(left, Math.floor(k - (i * s) / n + sd)),
        Math.min(right, Math.floor(k + ((n - i) * s) / n + sd)),
        k,
      )
    }
    const pivot = keys[k]
    let i = left
    let j = right
    swap(keys, left, k)
    if (isBelow(pivot, keys[right])) swap(keys, right, left)
    while (i < j) {
      swap(keys, i, j)
      i++
      j--
      while (isBelow(keys[i], pivot)) i++
      while (isBelow(pivot, keys[j])) j--
    }
    if (!isBelow(keys[left], pivot) && !isBelow(pivot, keys[left])) {
      swap(keys, left, j)
    } else {
      j++
      swap(keys, j, right)
    }
    if (j <= k) left = j + 1
    if (k <= j) right = j - 1
  }
}

function swap(keys: Float64Array, i: number, j: number): void {
  const key = keys[i]
  keys[i] = keys[j]
  keys[j] = key
}
