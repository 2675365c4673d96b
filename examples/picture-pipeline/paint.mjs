// The worker's side: from heights and light to colours.

/** Heights from low to high: wood, meadow, gravel, rock, and nearly snow. */
const stops = [
  [58, 92, 66],
  [124, 148, 84],
  [206, 190, 132],
  [168, 122, 92],
  [242, 238, 232],
]

/** Paints rows `from` to `to` into `rgb`, three bytes a pixel. All arrays are shared: nothing is copied. */
export function paintRows({ height, light, rgb, width }, { low, high, table }, [lowest, highest], [from, to]) {
  const scale = table.length / (high - low || 1)
  for (let i = from * width; i < to * width; i++) {
    const level = Math.min(table.length - 1, Math.floor((light[i] - low) * scale))
    const place = ((height[i] - lowest) / (highest - lowest || 1)) * (stops.length - 1)
    const stop = Math.min(stops.length - 2, Math.floor(place))
    const brightness = 0.35 + 0.75 * table[level]
    for (let channel = 0; channel < 3; channel++) {
      const colour = stops[stop][channel] * (1 - place + stop) + stops[stop + 1][channel] * (place - stop)
      rgb[i * 3 + channel] = Math.min(255, Math.round(colour * brightness))
    }
  }
}
