import { exp, log } from './math.ts'

/**
 * A falling density under 256 layers of equal area (Marsaglia and Tsang, "The Ziggurat Method for Generating Random
 * Variables", 2000). Layer i reaches from 0 to edges[i]; whatever lies left of edges[i + 1] is under the density. Layer
 * 0 has the tail in it: right of edges[1].
 */
export interface Ziggurat {
  /** Where the tail begins. */
  readonly tail: number
  /** 257 of them, falling to 0. */
  readonly edges: Float64Array
  /** The density at the edges, 1 at 0. */
  readonly heights: Float64Array
  /** By layer: 2^-53 of its edge, which 53 random bits are multiplied with. */
  readonly widths: Float64Array
  /** By layer: random bits below this need no further look. */
  readonly limits: Float64Array
}

/** The density exp(-x²/2): half of the normal distribution. */
export const normalZiggurat = build(3.6541528853610088, 0.004928673233974655, normalDensity, (y) =>
  Math.sqrt(-2 * log(y)),
)

/** The density exp(-x). */
export const exponentialZiggurat = build(
  7.69711747013105,
  0.003949659822581557,
  (x) => exp(-x),
  (y) => -log(y),
)

function normalDensity(x: number): number {
  return exp(-0.5 * x * x)
}

/** `tail` and `area`, the area of a layer, are the solution for which the uppermost layer ends at height 1. */
function build(tail: number, area: number, density: (x: number) => number, inverse: (y: number) => number): Ziggurat {
  const edges = new Float64Array(257)
  const heights = new Float64Array(257)
  edges[0] = area / density(tail)
  edges[1] = tail
  for (let i = 2; i < 256; i++) edges[i] = inverse(area / edges[i - 1] + density(edges[i - 1]))
  for (let i = 0; i < 257; i++) heights[i] = density(edges[i])
  const widths = edges.slice(0, 256).map((edge) => edge * 2 ** -53)
  const limits = widths.map((_, i) => Math.floor((edges[i + 1] / edges[i]) * 2 ** 53))
  return { tail, edges, heights, widths, limits }
}
