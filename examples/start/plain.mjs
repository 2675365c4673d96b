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
