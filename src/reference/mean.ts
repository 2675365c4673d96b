import { layOutReduction, planReduction, runReduction } from './reduce.ts'
import type { Reference, ReferenceArguments } from './reference.ts'
import { combineSums, sumNumber, sumOperation } from './sum.ts'

/**
 * The sum along the reduced axes, as sum.ts has it, divided by the number of elements; NaN for none. The same bits as
 * native/kernels/mean.cc: the tolerance is zero.
 */
export const meanReference: Reference = {
  prepare: (args) => layOutReduction(planReduction(args)),
  runBlock(args, phase, index, partial) {
    runReduction(args, phase, index, partial, sumOperation(args, storeMean))
  },
  combine: combineSums,
  finish(args) {
    if (args.outputs.length === 0) args.results[0] = mean(args, args.partials)
  },
}

function storeMean(args: ReferenceArguments, partial: Float64Array, offsets: readonly number[]): void {
  args.outputs[0].data[offsets[0]] = mean(args, partial)
}

function mean({ inputs }: ReferenceArguments, partial: Float64Array): number {
  return partial[0] === 0 ? NaN : sumNumber(inputs[0], partial) / partial[0]
}
