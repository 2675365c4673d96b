import { codedError } from '../errors.ts'
import type { Plan, Results } from '../plan.ts'
import { noTiming } from '../pool/task.ts'
import { fold, phaseAfter, prepare, runBlock } from '../reference/driver.ts'
import type { Prepared } from '../reference/driver.ts'
import { references } from '../reference/registry.ts'
import type { Backend, Outcome, Request, Running } from './backend.ts'
import { goneError } from './gone.ts'

/** How long the asynchronous form works before it lets the event loop turn. */
const sliceMs = 4

/**
 * The portable JavaScript on the calling thread. The asynchronous form works in slices between turns of the event
 * loop, so that cancelling, timeouts and progress work as on the other backends.
 */
class InlineBackend implements Backend {
  readonly name = 'inline'

  submit(plan: Plan, _request: Request, settle: (outcome: Outcome) => void): Running {
    const run = new InlineRun(plan, settle)
    setImmediate(() => run.slice())
    return run
  }

  run(plan: Plan): Results {
    const gone = goneError(plan)
    if (gone !== undefined) throw gone
    const walk = new Walk(prepareInline(plan))
    while (walk.step());
    return walk.results()
  }

  openQueue(): number {
    return 0
  }

  closeQueue(): void {}
}

export const inlineBackend: Backend = new InlineBackend()

function prepareInline(plan: Plan): Prepared {
  return prepare(references[plan.kernel], plan, (bytes) => new ArrayBuffer(bytes))
}

/** Goes through phases and blocks one at a time. */
class Walk {
  readonly #prepared: Prepared
  #phase: number
  #block = 0
  done = 0

  constructor(prepared: Prepared) {
    this.#prepared = prepared
    this.#phase = phaseAfter(prepared, -1)
  }

  get progress(): number {
    return this.#prepared.blocks === 0 ? 0 : this.done / this.#prepared.blocks
  }

  /** Runs the next block; false when there was none left. */
  step(): boolean {
    const { reference, args, layout } = this.#prepared
    const phase = layout.phases[this.#phase]
    if (phase === undefined) return false
    if (this.#block < phase.blocks) {
      runBlock(reference, args, phase, this.#phase, this.#block++)
      this.done++
      return true
    }
    fold(this.#prepared, phase, this.#phase)
    this.#phase = phaseAfter(this.#prepared, this.#phase)
    this.#block = 0
    return this.#phase < layout.phases.length
  }

  results(): Results {
    const { reference, args } = this.#prepared
    reference.finish?.(args)
    return { numbers: args.results, bits: args.bits, at: 0 }
  }
}

class InlineRun implements Running {
  readonly #plan: Plan
  readonly #walk: Walk
  readonly #settle: (outcome: Outcome) => void
  readonly #submitted = performance.now()
  #begun = 0
  #cancelled = false

  constructor(plan: Plan, settle: (outcome: Outcome) => void) {
    this.#plan = plan
    this.#walk = new Walk(prepareInline(plan))
    this.#settle = settle
  }

  slice(): void {
    const start = performance.now()
    if (this.#begun === 0) this.#begun = start
    if (this.#cancelled) return this.#settle({ kind: 'cancelled', timing: this.#timing() })
    // The arrays are read in place, and could have been detached or shrunk since the slice before.
    const gone = goneError(this.#plan)
    if (gone !== undefined) return this.#settle({ kind: 'failed', error: gone, timing: this.#timing() })
    try {
      while (this.#walk.step()) {
        if (performance.now() - start > sliceMs) {
          setImmediate(() => this.slice())
          return
        }
      }
      const results = this.#walk.results()
      this.#settle({ kind: 'done', results, timing: this.#timing() })
    } catch (cause) {
      const error = codedError('ERR_OFFLOOP_INTERNAL', [`a reference threw: ${cause}`], { cause })
      this.#settle({ kind: 'failed', error, timing: this.#timing() })
    }
  }

  cancel(): void {
    this.#cancelled = true
  }

  progress(): number {
    return this.#walk.progress
  }

  started(): boolean {
    return this.#begun > 0
  }

  #timing() {
    const now = performance.now()
    return { ...noTiming, queuedMs: this.#begun - this.#submitted, runMs: now - this.#begun }
  }
}
