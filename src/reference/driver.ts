import { codedError } from '../errors.ts'
import type { Plan } from '../plan.ts'
import { resultWords } from './reference.ts'
import type { Layout, Phase, Reference, ReferenceArguments } from './reference.ts'

/** A plan made ready for its reference: the memory it works in, and its phases. */
export interface Prepared {
  readonly reference: Reference
  readonly args: ReferenceArguments
  readonly layout: Layout
  /** Over all phases, or the most that may run. */
  readonly blocks: number
}

/** Lays a plan out, in memory that `allocate` gives: shared where workers are to see it. */
export function prepare(reference: Reference, plan: Plan, allocate: (bytes: number) => ArrayBufferLike): Prepared {
  try {
    const results = allocate(resultWords * 8)
    const args: ReferenceArguments = {
      inputs: plan.inputs,
      outputs: plan.outputs,
      scalars: plan.scalars,
      results: new Float64Array(results),
      bits: new BigInt64Array(results),
      scratch: allocate(0),
      partials: new Float64Array(0),
    }
    const layout = reference.prepare(args)
    const words = Math.max(0, ...layout.phases.map((phase) => phase.blocks * (phase.partialWords ?? 0)))
    const scratch = allocate(layout.scratchBytes ?? 0)
    const ready = { ...args, scratch, partials: new Float64Array(allocate(words * 8)) }
    const blocks = layout.blocksMost ?? layout.phases.reduce((sum, phase) => sum + phase.blocks, 0)
    return { reference, args: ready, layout, blocks }
  } catch (error) {
    throw error instanceof RangeError ? codedError('ERR_OFFLOOP_MEMORY', [plan.kernel], { cause: error }) : error
  }
}

/** The phase with blocks that comes after `phase` (-1: the first one), or the number of phases when it is over. */
export function phaseAfter({ reference, args, layout }: Prepared, phase: number): number {
  const { phases } = layout
  let at = phase
  do at = at >= 0 && reference.next !== undefined ? reference.next(args, at) : at + 1
  while (at < phases.length && phases[at].blocks === 0)
  return Math.min(at, phases.length)
}

/** Runs one block, handing it its own words. */
export function runBlock(reference: Reference, args: ReferenceArguments, phase: Phase, number: number, index: number) {
  const words = phase.partialWords ?? 0
  const partial = words === 0 ? noWords : args.partials.subarray(index * words, (index + 1) * words)
  reference.runBlock(args, number, index, partial)
}

const noWords = new Float64Array(0)

/** Folds the partials of a phase: pairs at distance 1, 2, 4, ... as native/kernels/driver.cc does. */
export function fold({ reference, args }: Prepared, phase: Phase, number: number): void {
  const words = phase.partialWords ?? 0
  if (words === 0) return
  const group = phase.group ?? phase.blocks
  const slot = (index: number) => args.partials.subarray(index * words, (index + 1) * words)
  for (let start = 0; start < phase.blocks; start += group) {
    for (let step = 1; step < group; step *= 2) {
      for (let i = 0; i + step < group; i += 2 * step) {
        reference.combine?.(args, number, slot(start + i), slot(start + i + step))
      }
    }
  }
}
