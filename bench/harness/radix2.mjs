/** The transform of every textbook: bits reversed, then radix 2 (Cooley and Tukey 1965). In place. */
export function radix2(y, n, roots) {
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1
    for (; j & bit; bit >>= 1) j ^= bit
    j ^= bit
    if (i < j) {
      for (const part of [0, 1]) {
        const kept = y[2 * i + part]
        y[2 * i + part] = y[2 * j + part]
        y[2 * j + part] = kept
      }
    }
  }
  for (let size = 2; size <= n; size *= 2) {
    const half = size / 2
    const step = n / size
    for (let start = 0; start < n; start += size) {
      for (let k = 0; k < half; k++) {
        const a = 2 * (start + k)
        const b = a + size
        const wr = roots[2 * k * step]
        const wi = roots[2 * k * step + 1]
        const re = y[b] * wr - y[b + 1] * wi
        const im = y[b] * wi + y[b + 1] * wr
        y[b] = y[a] - re
        y[b + 1] = y[a + 1] - im
        y[a] += re
        y[a + 1] += im
      }
    }
  }
}

/** exp(-2πi·k/n) for k below n / 2. */
export function rootsOf(n) {
  const roots = new Float64Array(n)
  for (let k = 0; k < n / 2; k++) {
    roots[2 * k] = Math.cos((-2 * Math.PI * k) / n)
    roots[2 * k + 1] = Math.sin((-2 * Math.PI * k) / n)
  }
  return roots
}
