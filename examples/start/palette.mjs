// Colours for counts of iterations: night blue, sky, cream, amber, rust, and night again.

const stops = [
  [8, 12, 44],
  [26, 74, 150],
  [98, 178, 226],
  [244, 240, 214],
  [250, 184, 62],
  [178, 70, 26],
  [52, 14, 40],
  [8, 12, 44],
]
const inside = [4, 4, 10]

/**
 * Three bytes a pixel. Counts are spread by their rank in the picture, half and half with their logarithm: every colour
 * gets its share of pixels, and fine structures near the set keep their contrast.
 */
export function colour(counts, iterations) {
  const histogram = new Float64Array(iterations + 1)
  for (const count of counts) histogram[count]++
  const colours = []
  let below = 0
  const outside = counts.length - histogram[iterations]
  const least = Math.max(
    1,
    histogram.findIndex((pixels) => pixels > 0),
  )
  for (let count = 0; count <= iterations; count++) {
    const rank = (below + histogram[count] / 2) / Math.max(1, outside)
    const depth = Math.log(Math.max(1, count / least)) / Math.log(Math.max(2, iterations / least))
    colours.push(count === iterations ? inside : mix(0.55 * rank + 0.45 * Math.min(1, 2 * depth)))
    below += histogram[count]
  }
  const rgb = new Uint8Array(counts.length * 3)
  for (let i = 0; i < counts.length; i++) rgb.set(colours[counts[i]], i * 3)
  return rgb
}

function mix(at) {
  const place = Math.min(0.999999, Math.max(0, at)) * (stops.length - 1)
  const first = Math.floor(place)
  // Smoothstep between two stops, so that no stop shows as an edge.
  const part = (place - first) ** 2 * (3 - 2 * (place - first))
  return stops[first].map((value, channel) => Math.round(value + part * (stops[first + 1][channel] - value)))
}
