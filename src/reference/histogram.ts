import type { Reference, ReferenceArguments } from './reference.ts'
import { addTables, layOutTally, nextTally, planTally, runTally, storeTally } from './tally.ts'

/**
 * How many elements lie in each bin, or the sums of their weights. Bin i is edges[i] <= x < edges[i + 1], the last one
 * closed; cells find it as in native/kernels/histogram.cc, and the edges themselves decide.
 */
export const histogramReference: Reference = {
  prepare: (args) => layOutTally(planTally(args)),
  runBlock(args, _phase, index, partial) {
    runTally(args, index, partial, args.inputs.length === 4 ? args.inputs[3] : undefined, finder(args))
  },
  combine: (_args, _phase, into, from) => addTables(into, from),
  next: nextTally,
  finish: storeTally,
}

function finder(args: ReferenceArguments): (x: number) => number {
  const { bins } = planTally(args)
  const edges = args.inputs[1].data as Float64Array
  const before = args.inputs[2].data as Uint32Array
  const [start, scale, cells, margin] = args.scalars
  const low = edges[0]
  const high = edges[bins]
  const cellOf = (x: number): number => {
    let place = (x - start) * scale
    if (!(place < cells)) place = cells - 1
    return place >= 0 ? Math.floor(place) : 0
  }
  if (margin >= 0) {
    return (x) => {
      if (!(x >= low && x <= high)) return bins
      let bin = cellOf(x)
      while (bin > 0 && x < edges[bin]) bin--
      while (bin + 1 < bins && x >= edges[bin + 1]) bin++
      return bin
    }
  }
  return (x) => {
    if (!(x >= low && x <= high)) return bins
    const cell = cellOf(x)
    let least = before[cell]
    let most = before[cell + 1]
    while (least < most) {
      const middle = (least + most) >>> 1
      if (x >= edges[middle + 1]) least = middle + 1
      else most = middle
    }
    return least
  }
}
