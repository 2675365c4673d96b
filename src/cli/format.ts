/** A measured value with its unit, times in the unit that reads best. */
export function show(value: number, unit: string): string {
  if (unit !== 'ms') return `${digits(value)} ${unit}`
  const size = Math.abs(value)
  if (size >= 1000) return `${digits(value / 1000)} s`
  if (size >= 1 || size === 0) return `${digits(value)} ms`
  return size >= 1e-3 ? `${digits(value * 1e3)} µs` : `${digits(value * 1e6)} ns`
}

/** Three digits that matter. */
export function digits(value: number): string {
  const size = Math.abs(value)
  if (size >= 99.95 || size === 0) return Math.round(value).toLocaleString('en')
  return value.toFixed(size >= 9.995 ? 1 : 2)
}

/** As few digits as it needs, for round numbers. */
export function plain(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString('en', { maximumSignificantDigits: 3 })
}

const byteUnits = ['bytes', 'kB', 'MB', 'GB', 'TB']

/** A size in memory, by thousands. */
export function showBytes(bytes: number): string {
  const step = bytes < 1000 ? 0 : Math.min(byteUnits.length - 1, Math.floor(Math.log10(bytes) / 3))
  return `${digits(bytes / 1000 ** step)} ${byteUnits[step]}`
}

/** A duration that somebody waits for, in minutes and seconds. */
export function showWait(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}
