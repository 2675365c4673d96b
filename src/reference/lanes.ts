// The 32 virtual lanes of a float64 reduction: element i of a block is added to lane i % 32, lanes start from -0, and
// at the end lane l takes in lane l + 16, then + 8, + 4, + 2, + 1. native/kernels/lanes.h does the same with vectors.
// All loops run over Float64Array alone, whatever the input was, so that the engine compiles them for that and no more.

const lanes = new Float64Array(32)

// The lanes are done eight at a time, in local variables, over pieces that stay in the first-level cache.
const piece = 1024

export function clearLanes(): void {
  lanes.fill(-0)
}

/** The sum of all lanes. */
export function foldLanes(): number {
  for (let half = 16; half >= 1; half /= 2) {
    for (let lane = 0; lane < half; lane++) lanes[lane] += lanes[lane + half]
  }
  return lanes[0]
}

/** Adds `count` elements, the first of which belongs to lane 0. */
export function addValues(x: Float64Array, start: number, count: number): void {
  const end = start + count - (count % 32)
  for (let from = start; from < end; from += piece) {
    const to = Math.min(end, from + piece)
    for (let lane = 0; lane < 32; lane += 8) {
      let a = lanes[lane]
      let b = lanes[lane + 1]
      let c = lanes[lane + 2]
      let d = lanes[lane + 3]
      let e = lanes[lane + 4]
      let f = lanes[lane + 5]
      let g = lanes[lane + 6]
      let h = lanes[lane + 7]
      for (let i = from + lane; i < to; i += 32) {
        a += x[i]
        b += x[i + 1]
        c += x[i + 2]
        d += x[i + 3]
        e += x[i + 4]
        f += x[i + 5]
        g += x[i + 6]
        h += x[i + 7]
      }
      setLanes(lane, a, b, c, d, e, f, g, h)
    }
  }
  for (let i = end; i < start + count; i++) lanes[i - end] += x[i]
}

/** The same for the products of the elements of two sequences. */
export function addProducts(x: Float64Array, xStart: number, y: Float64Array, yStart: number, count: number): void {
  const end = xStart + count - (count % 32)
  const apart = yStart - xStart
  for (let from = xStart; from < end; from += piece) {
    const to = Math.min(end, from + piece)
    for (let lane = 0; lane < 32; lane += 8) {
      let a = lanes[lane]
      let b = lanes[lane + 1]
      let c = lanes[lane + 2]
      let d = lanes[lane + 3]
      let e = lanes[lane + 4]
      let f = lanes[lane + 5]
      let g = lanes[lane + 6]
      let h = lanes[lane + 7]
      for (let i = from + lane; i < to; i += 32) {
        const j = i + apart
        a += x[i] * y[j]
        b += x[i + 1] * y[j + 1]
        c += x[i + 2] * y[j + 2]
        d += x[i + 3] * y[j + 3]
        e += x[i + 4] * y[j + 4]
        f += x[i + 5] * y[j + 5]
        g += x[i + 6] * y[j + 6]
        h += x[i + 7] * y[j + 7]
      }
      setLanes(lane, a, b, c, d, e, f, g, h)
    }
  }
  for (let i = end; i < xStart + count; i++) lanes[i - end] += x[i] * y[i + apart]
}

// Where NaNs are left out, terms are written to `to` first, with -0, which adds nothing, for those that don't count.
// These give the number of those that do.

export function copyNumbers(x: Float64Array, start: number, count: number, to: Float64Array): number {
  let numbers = 0
  for (let i = 0; i < count; i++) {
    const value = x[start + i]
    to[i] = value === value ? value : -0
    numbers += value === value ? 1 : 0
  }
  return numbers
}

export function copyProducts(
  x: Float64Array,
  xStart: number,
  y: Float64Array,
  yStart: number,
  count: number,
  to: Float64Array,
): number {
  let numbers = 0
  for (let i = 0; i < count; i++) {
    const a = x[xStart + i]
    const b = y[yStart + i]
    const areNumbers = a === a && b === b
    to[i] = areNumbers ? a * b : -0
    numbers += areNumbers ? 1 : 0
  }
  return numbers
}

function setLanes(
  lane: number,
  a: number,
  b: number,
  c: number,
  d: number,
  e: number,
  f: number,
  g: number,
  h: number,
): void {
  lanes[lane] = a
  lanes[lane + 1] = b
  lanes[lane + 2] = c
  lanes[lane + 3] = d
  lanes[lane + 4] = e
  lanes[lane + 5] = f
  lanes[lane + 6] = g
  lanes[lane + 7] = h
}
