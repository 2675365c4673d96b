import type { Reference } from './reference.ts'
import { addTables, layOutTally, nextTally, planTally, runTally, storeTally } from './tally.ts'

/** How often each whole number from 0 up occurs, or the sums of its weights. Numbers beyond the output are left out. */
export const bincountReference: Reference = {
  prepare: (args) => layOutTally(planTally(args)),
  runBlock(args, _phase, index, partial) {
    const { bins } = planTally(args)
    runTally(args, index, partial, args.inputs.length === 2 ? args.inputs[1] : undefined, (x) =>
      x >= 0 && x < bins ? x : bins,
    )
  },
  combine: (_args, _phase, into, from) => addTables(into, from),
  next: nextTally,
  finish: storeTally,
}
