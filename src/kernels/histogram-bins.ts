/** Edges of bins, and how the bin of a number is found: what the kernel takes. */
export interface Bins {
  readonly edges: Float64Array
  /** Where cells begin. */
  readonly start: number
  /** Cells a unit. */
  readonly scale: number
  readonly cells: number
  /** Even bins: nearer to a whole number than this a place is not to be trusted. -1 for uneven bins. */
  readonly margin: number
  /** By cell, for uneven bins: how many inner edges lie in the cells before it. */
  readonly before: Uint32Array
}

const none = new Uint32Array(1)

/** Bins of the same width: edges as NumPy's linspace has them. */
export function evenBins(low: number, high: number, bins: number, elements: number): Bins {
  const edges = evenEdges(low, high, bins)
  const width = high - low
  const step = width / bins
  const scale = bins / width
  // What rounding may do to a place and to an edge, in widths of a bin, four times over.
  const margin = 2 ** -50 * bins * (2 + (4 * Math.max(Math.abs(low), Math.abs(high))) / width)
  if (!(margin < 0.25) || !Number.isFinite(scale) || step < 2 ** -1000) return cellsOf(edges, elements)
  return { edges, start: low, scale, cells: bins, margin, before: none }
}

/** low + i (high - low) / bins. */
export function evenEdges(low: number, high: number, bins: number): Float64Array {
  const edges = new Float64Array(bins + 1)
  const step = (high - low) / bins
  for (let i = 0; i < bins; i++) edges[i] = low + i * step
  edges[bins] = high
  return edges
}

/** Any bins: cells of the same width between the first and the last finite edge, about four for each bin. */
export function cellsOf(edges: Float64Array, elements: number): Bins {
  const bins = edges.length - 1
  let first = 0
  let last = bins
  while (first < bins && edges[first] === -Infinity) first++
  while (last > first && edges[last] === Infinity) last--
  const start = Number.isFinite(edges[first]) ? edges[first] : 0
  const width = edges[last] - start
  const most = Math.min(2 ** 20, 4 * bins, Math.max(16, elements))
  const hasCells = width > 0 && Number.isFinite(width) && Number.isFinite(most / width)
  // One cell for all where there is no width to cut.
  const cells = hasCells ? most : 1
  const scale = hasCells ? most / width : 0
  // The kernel's arithmetic, so that edges and elements are cut alike.
  const cellOf = (x: number): number => {
    let place = (x - start) * scale
    if (!(place < cells)) place = cells - 1
    return place >= 0 ? Math.floor(place) : 0
  }
  const before = new Uint32Array(cells + 1)
  for (let i = 1; i < bins; i++) before[cellOf(edges[i]) + 1]++
  for (let cell = 1; cell <= cells; cell++) before[cell] += before[cell - 1]
  return { edges, start, scale, cells, margin: -1, before }
}
