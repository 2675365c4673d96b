/** Transforms complex numbers, re and im in turns; the result is the same array or another one. */
export type Transform = (x: Float64Array) => Float64Array

/**
 * A transform of length n with its tables made: X[k] = Σ x[j]·exp(-2πi·jk/n). Stockham's form (Cochran et al. 1967)
 * with radices 4, 2, 3, 5 and odd ones by their definition; as a convolution where a prime factor is larger (Bluestein
 * 1970).
 */
export function makeFft(n: number): Transform {
  const radices = factor(n)
  return radices === undefined ? makeChirped(n) : makeStockham(n, radices)
}

const largestRadix = 31

function factor(n: number): number[] | undefined {
  const radices: number[] = []
  for (const radix of [4, 2, 3, 5, 7, 11, 13, 17, 19, 23, 29, largestRadix]) {
    while (n % radix === 0) {
      radices.push(radix)
      n /= radix
    }
  }
  return n === 1 ? radices : undefined
}

/** exp(-2πi·k/n) for all k, by the symmetries of the circle: angles of at most an eighth of it are ever taken. */
function makeRoots(n: number): Float64Array {
  const roots = new Float64Array(2 * n)
  for (let k = 0; k < n; k++) {
    const quarters = Math.round((4 * k) / n)
    const angle = ((4 * k - quarters * n) / n) * (Math.PI / 2)
    const cos = Math.cos(angle)
    const sin = Math.sin(angle)
    const quarter = quarters % 4
    roots[2 * k] = quarter === 0 ? cos : quarter === 1 ? -sin : quarter === 2 ? -cos : sin
    roots[2 * k + 1] = quarter === 0 ? -sin : quarter === 1 ? -cos : quarter === 2 ? sin : cos
  }
  return roots
}

function makeStockham(n: number, radices: readonly number[]): Transform {
  const roots = makeRoots(n)
  const spare = new Float64Array(2 * n)
  return (x) => {
    let from = x
    let to: Float64Array = spare
    let s = 1
    for (const radix of radices) {
      const m = n / s / radix
      if (radix === 4) passOf4(from, to, s, m, roots)
      else if (radix === 2) passOf2(from, to, s, m, roots)
      else passOfAny(from, to, s, m, radix, roots)
      s *= radix
      const other = from
      from = to
      to = other
    }
    return from === spare ? from.slice() : from
  }
}

/** Numbers s·m apart become numbers s apart; those of the m are multiplied by powers of exp(-2πi·p·s/n). */
function passOf2(x: Float64Array, y: Float64Array, s: number, m: number, roots: Float64Array): void {
  for (let p = 0; p < m; p++) {
    const wr = roots[2 * p * s]
    const wi = roots[2 * p * s + 1]
    let a = 2 * p * s
    let b = a + 2 * s * m
    let to = 4 * p * s
    for (let j = 0; j < s; j++, a += 2, b += 2, to += 2) {
      const re = x[a] - x[b]
      const im = x[a + 1] - x[b + 1]
      y[to] = x[a] + x[b]
      y[to + 1] = x[a + 1] + x[b + 1]
      y[to + 2 * s] = re * wr - im * wi
      y[to + 2 * s + 1] = re * wi + im * wr
    }
  }
}

function passOf4(x: Float64Array, y: Float64Array, s: number, m: number, roots: Float64Array): void {
  const step = 2 * s * m
  for (let p = 0; p < m; p++) {
    const at = 2 * p * s
    const w1r = roots[at]
    const w1i = roots[at + 1]
    const w2r = roots[2 * at]
    const w2i = roots[2 * at + 1]
    const w3r = roots[3 * at]
    const w3i = roots[3 * at + 1]
    let a = 2 * p * s
    let to = 8 * p * s
    for (let j = 0; j < s; j++, a += 2, to += 2) {
      const b = a + step
      const c = b + step
      const d = c + step
      const evenRe = x[a] + x[c]
      const evenIm = x[a + 1] + x[c + 1]
      const evenLessRe = x[a] - x[c]
      const evenLessIm = x[a + 1] - x[c + 1]
      const oddRe = x[b] + x[d]
      const oddIm = x[b + 1] + x[d + 1]
      const oddLessRe = x[b] - x[d]
      const oddLessIm = x[b + 1] - x[d + 1]
      const r1 = evenLessRe + oddLessIm
      const i1 = evenLessIm - oddLessRe
      const r2 = evenRe - oddRe
      const i2 = evenIm - oddIm
      const r3 = evenLessRe - oddLessIm
      const i3 = evenLessIm + oddLessRe
      y[to] = evenRe + oddRe
      y[to + 1] = evenIm + oddIm
      y[to + 2 * s] = r1 * w1r - i1 * w1i
      y[to + 2 * s + 1] = r1 * w1i + i1 * w1r
      y[to + 4 * s] = r2 * w2r - i2 * w2i
      y[to + 4 * s + 1] = r2 * w2i + i2 * w2r
      y[to + 6 * s] = r3 * w3r - i3 * w3i
      y[to + 6 * s + 1] = r3 * w3i + i3 * w3r
    }
  }
}

/** Odd radices: pairs of numbers around the first share their products. */
function passOfAny(x: Float64Array, y: Float64Array, s: number, m: number, radix: number, roots: Float64Array): void {
  const n = s * m * radix
  const half = (radix - 1) / 2
  const sums = new Float64Array(4 * (half + 1))
  for (let p = 0; p < m; p++) {
    for (let j = 0; j < s; j++) {
      const a = 2 * (j + s * p)
      const to = 2 * (j + s * radix * p)
      const firstRe = x[a]
      const firstIm = x[a + 1]
      let totalRe = firstRe
      let totalIm = firstIm
      for (let i = 1; i <= half; i++) {
        const b = a + 2 * i * s * m
        const c = a + 2 * (radix - i) * s * m
        totalRe += sums[4 * i] = x[b] + x[c]
        totalIm += sums[4 * i + 1] = x[b + 1] + x[c + 1]
        sums[4 * i + 2] = x[b] - x[c]
        sums[4 * i + 3] = x[b + 1] - x[c + 1]
      }
      y[to] = totalRe
      y[to + 1] = totalIm
      for (let k = 1; k <= half; k++) {
        let re = firstRe
        let im = firstIm
        let turnRe = 0
        let turnIm = 0
        let at = 0
        for (let i = 1; i <= half; i++) {
          at += k
          if (at >= radix) at -= radix
          const cos = roots[2 * at * (n / radix)]
          const sin = roots[2 * at * (n / radix) + 1]
          re += cos * sums[4 * i]
          im += cos * sums[4 * i + 1]
          turnRe += sin * sums[4 * i + 2]
          turnIm += sin * sums[4 * i + 3]
        }
        store(y, to + 2 * k * s, re - turnIm, im + turnRe, roots, 2 * p * k * s)
        store(y, to + 2 * (radix - k) * s, re + turnIm, im - turnRe, roots, 2 * p * (radix - k) * s)
      }
    }
  }
}

function store(y: Float64Array, to: number, re: number, im: number, roots: Float64Array, at: number): void {
  y[to] = re * roots[at] - im * roots[at + 1]
  y[to + 1] = re * roots[at + 1] + im * roots[at]
}

function makeChirped(n: number): Transform {
  const m = 2 ** Math.ceil(Math.log2(2 * n - 1))
  const transform = makeFft(m)
  const circle = makeRoots(2 * n)
  const chirp = new Float64Array(2 * n)
  const filter = new Float64Array(2 * m)
  let square = 0
  for (let j = 0; j < n; j++) {
    chirp[2 * j] = circle[2 * square]
    chirp[2 * j + 1] = circle[2 * square + 1]
    for (const at of [j, (m - j) % m]) {
      filter[2 * at] = chirp[2 * j]
      filter[2 * at + 1] = -chirp[2 * j + 1]
    }
    square = (square + 2 * j + 1) % (2 * n)
  }
  const spectrum = transform(filter)
  return (x) => {
    const a = new Float64Array(2 * m)
    multiply(x, chirp, n, a, 1)
    const product = transform(a)
    multiply(product, spectrum, m, product, 1)
    swapParts(product)
    const back = transform(product)
    swapParts(back)
    const result = new Float64Array(2 * n)
    multiply(back, chirp, n, result, 1 / m)
    return result
  }
}

function multiply(a: Float64Array, b: Float64Array, count: number, to: Float64Array, scale: number): void {
  for (let i = 0; i < 2 * count; i += 2) {
    const re = a[i] * b[i] - a[i + 1] * b[i + 1]
    to[i + 1] = (a[i] * b[i + 1] + a[i + 1] * b[i]) * scale
    to[i] = re * scale
  }
}

function swapParts(x: Float64Array): void {
  for (let i = 0; i < x.length; i += 2) {
    const re = x[i]
    x[i] = x[i + 1]
    x[i + 1] = re
  }
}
