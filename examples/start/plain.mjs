// What one writes without offloop: simple loops, on the main thread.

export function sum(x) {
  let total = 0
  for (let i = 0; i < x.length; i++) total += x[i]
  return total
}

export function mean(x) {
  return sum(x) / x.length
}

export function variance(x) {
  const middle = mean(x)
  let total = 0
  for (let i = 0; i < x.length; i++) total += (x[i] - middle) * (x[i] - middle)
  return total / x.length
}

export function minmax(x) {
  let min = Infinity
  let max = -Infinity
  for (let i = 0; i < x.length; i++) {
    if (x[i] < min) min = x[i]
    if (x[i] > max) max = x[i]
  }
  return { min, max }
}

export function dot(x, y) {
  let total = 0
  for (let i = 0; i < x.length; i++) total += x[i] * y[i]
  return total
}

export function sorted(x) {
  return x.toSorted()
}

export function quantiles(x, parts) {
  const ascending = x.toSorted()
  return parts.map((part) => {
    const at = part * (x.length - 1)
    const below = Math.floor(at)
    const above = Math.min(below + 1, x.length - 1)
    return ascending[below] + (at - below) * (ascending[above] - ascending[below])
  })
}

export function runningSum(x) {
  const sums = new Float64Array(x.length)
  let total = 0
  for (let i = 0; i < x.length; i++) sums[i] = total += x[i]
  return sums
}

export function histogram(x, bins, low, high) {
  const counts = new Float64Array(bins)
  const scale = bins / (high - low)
  for (let i = 0; i < x.length; i++) {
    if (x[i] >= low && x[i] <= high) counts[Math.min(bins - 1, Math.floor((x[i] - low) * scale))]++
  }
  return counts
}

/** The first half of the Fourier transform, re and im in turn: Cooley and Tukey's algorithm in place. */
export function spectrum(x) {
  const n = x.length
  const re = new Float64Array(n)
  const im = new Float64Array(n)
  const bits = Math.log2(n)
  for (let i = 0; i < n; i++) {
    let reversed = 0
    for (let bit = 0; bit < bits; bit++) reversed |= ((i >>> bit) & 1) << (bits - 1 - bit)
    re[reversed] = x[i]
  }
  for (let half = 1; half < n; half *= 2) {
    for (let j = 0; j < half; j++) {
      const angle = (-Math.PI * j) / half
      const cos = Math.cos(angle)
      const sin = Math.sin(angle)
      for (let i = j; i < n; i += 2 * half) {
        const k = i + half
        const a = re[k] * cos - im[k] * sin
        const b = re[k] * sin + im[k] * cos
        re[k] = re[i] - a
        im[k] = im[i] - b
        re[i] += a
        im[i] += b
      }
    }
  }
  const halves = new Float64Array(n + 2)
  for (let i = 0; i <= n / 2; i++) {
    halves[2 * i] = re[i]
    halves[2 * i + 1] = im[i]
  }
  return halves
}

/** For every row the greatest products with the rows of the same matrix. */
export function best(x, rows, columns, k) {
  const products = gram(x, rows, columns)
  const scores = new Float32Array(rows * k)
  for (let i = 0; i < rows; i++) {
    const row = products.slice(i * rows, (i + 1) * rows).toSorted()
    for (let j = 0; j < k; j++) scores[i * k + j] = row[rows - 1 - j]
  }
  return scores
}

/** k-means from the first points on: the sum of squared distances after so many rounds. */
export function lloyd(x, count, dimensions, k, rounds) {
  const centres = x.slice(0, k * dimensions)
  const nearest = new Uint32Array(count)
  const assign = () => {
    let inertia = 0
    for (let i = 0; i < count; i++) {
      let least = Infinity
      for (let c = 0; c < k; c++) {
        let distance = 0
        for (let d = 0; d < dimensions; d++) distance += (x[i * dimensions + d] - centres[c * dimensions + d]) ** 2
        if (distance < least) {
          least = distance
          nearest[i] = c
        }
      }
      inertia += least
    }
    return inertia
  }
  for (let round = 0; round < rounds; round++) {
    assign()
    const sums = new Float64Array(k * dimensions)
    const sizes = new Uint32Array(k)
    for (let i = 0; i < count; i++) {
      sizes[nearest[i]]++
      for (let d = 0; d < dimensions; d++) sums[nearest[i] * dimensions + d] += x[i * dimensions + d]
    }
    for (let j = 0; j < sums.length; j++) centres[j] = sums[j] / sizes[Math.floor(j / dimensions)]
  }
  return assign()
}

const polynomial = Uint32Array.from({ length: 256 }, (_, byte) => {
  let word = byte
  for (let bit = 0; bit < 8; bit++) word = word & 1 ? (word >>> 1) ^ 0x82f63b78 : word >>> 1
  return word
})

/** CRC-32C. */
export function checksum(bytes) {
  let crc = -1
  for (let i = 0; i < bytes.length; i++) crc = polynomial[(crc ^ bytes[i]) & 255] ^ (crc >>> 8)
  return ~crc >>> 0
}

/** The place of the string that takes the fewest changes. */
export function closest(query, list) {
  const row = new Uint32Array(query.length + 1)
  let least = Infinity
  let place = -1
  list.forEach((word, index) => {
    for (let j = 0; j <= query.length; j++) row[j] = j
    for (let i = 0; i < word.length; i++) {
      let diagonal = row[0]
      row[0] = i + 1
      for (let j = 0; j < query.length; j++) {
        const above = row[j + 1]
        const changed = diagonal + (word.charCodeAt(i) === query.charCodeAt(j) ? 0 : 1)
        row[j + 1] = Math.min(changed, above + 1, row[j] + 1)
        diagonal = above
      }
    }
    if (row[query.length] < least) {
      least = row[query.length]
      place = index
    }
  })
  return place
}

/** The products of every row of `x` with every other one. */
export function gram(x, rows, columns) {
  const products = new Float32Array(rows * rows)
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < rows; j++) {
      let total = 0
      for (let k = 0; k < columns; k++) total += x[i * columns + k] * x[j * columns + k]
      products[i * rows + j] = total
    }
  }
  return products
}

export function mandelbrot({ width, height, x, y, scale, iterations }) {
  const counts = new Uint16Array(width * height)
  for (let row = 0; row < height; row++) {
    const ci = y + (row - (height - 1) / 2) * scale
    for (let column = 0; column < width; column++) {
      const cr = x + (column - (width - 1) / 2) * scale
      let zr = 0
      let zi = 0
      let count = 0
      while (count < iterations && zr * zr + zi * zi <= 4) {
        const next = zr * zr - zi * zi + cr
        zi = 2 * zr * zi + ci
        zr = next
        count++
      }
      counts[row * width + column] = count
    }
  }
  return counts
}
