// What every contestant's workers run.

export function noop(x) {
  return x
}

/** Some tens of nanoseconds. */
export function wave(x) {
  return Math.sin(x) * Math.cos(x) + Math.sqrt(x)
}

export function waveOfList(list) {
  return list.map((x) => wave(x))
}

/** Between workers and the main thread nothing is copied. */
export function waveOfShared({ source, out, from, to }) {
  for (let i = from; i < to; i++) out[i] = wave(source[i])
}
