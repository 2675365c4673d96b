/** Where a value lies in a track, in percent of its width; marks at the ends stay inside. */
export interface Scale {
  at(value: number): number
  /** Lines of the grid, and which of them have a label. */
  readonly ticks: readonly { readonly value: number; readonly labelled: boolean }[]
}

/** Room at both ends, for half a mark. */
const inset = 4

/** Labels that fit next to one another on a phone. */
const mostLabels = 4

/** From a round number below all values to one above. */
export function logScale(values: readonly number[]): Scale {
  const positive = values.filter((value) => value > 0)
  const low = Math.floor(Math.log10(Math.min(...positive)) + 1e-9)
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...positive)) - 1e-9))
  const step = Math.ceil((high - low + 1) / mostLabels)
  return {
    at: (value) => place((Math.log10(Math.max(value, 10 ** low)) - low) / (high - low)),
    ticks: Array.from({ length: high - low + 1 }, (_, i) => ({ value: 10 ** (low + i), labelled: i % step === 0 })),
  }
}

/** From 0, or another start, to a round number. */
export function linearScale(most: number, start = 0): Scale {
  const step = roundStep((most - start) / (mostLabels - 1))
  const count = Math.max(1, Math.ceil((most - start) / step - 1e-9))
  const end = start + count * step
  return {
    at: (value) => place((value - start) / (end - start)),
    ticks: Array.from({ length: count + 1 }, (_, i) => ({ value: start + i * step, labelled: true })),
  }
}

/** From one value to another, with the ticks that are given; labels where they don't touch. */
export function scaleWithTicks(start: number, end: number, values: readonly number[]): Scale {
  const at = (value: number): number => place((value - start) / (end - start))
  let last = -Infinity
  const ticks = values.map((value) => {
    const labelled = at(value) - last >= 100 / (mostLabels + 3)
    if (labelled) last = at(value)
    return { value, labelled }
  })
  return { at, ticks }
}

function roundStep(least: number): number {
  const unit = 10 ** Math.floor(Math.log10(least))
  return ([1, 2, 2.5, 5].find((factor) => factor * unit >= least * 0.999) ?? 10) * unit
}

function place(part: number): number {
  return inset + Math.min(1, Math.max(0, part)) * (100 - 2 * inset)
}
