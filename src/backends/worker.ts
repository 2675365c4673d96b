import * as os from 'node:os'
import * as path from 'node:path'
import { Worker } from 'node:worker_threads'

import { readEnvironment } from '../environment.ts'
import { codedError } from '../errors.ts'
import type { Plan, Results } from '../plan.ts'
import type { Timing } from '../pool/task.ts'
import { fold, phaseAfter, prepare } from '../reference/driver.ts'
import type { Prepared } from '../reference/driver.ts'
import { references } from '../reference/registry.ts'
import { bufferOf, isShared } from '../typed-array.ts'
import type { View } from '../types.ts'
import type { Backend, Outcome, Request, Running } from './backend.ts'
import { copyIn, copyOut, copySliced, sharedTwin } from './copy.ts'
import { control } from './messages.ts'
import type { LeftMessage, ToWorker, WorkerJob } from './messages.ts'

/** How far behind in line a priority starts, so that low work ages to the front. Milliseconds, as the native pool's. */
const headStartMs = [0, 100, 1000] as const

let defaultBackend: WorkerBackend | undefined

/** The workers that calls without a Pool share. */
export function defaultWorkerBackend(): WorkerBackend {
  defaultBackend ??= new WorkerBackend(readEnvironment().threads ?? os.availableParallelism())
  return defaultBackend
}

/**
 * Kernels in plain JavaScript on worker threads. Blocks of a phase are claimed by all workers at once from shared
 * memory; the main thread only leads from phase to phase. Workers start on first use and keep nothing alive.
 */
export class WorkerBackend implements Backend {
  readonly name = 'worker'
  readonly size: number
  readonly #workers: Lane[] = []
  readonly #waiting: WorkerRun[] = []
  readonly #running = new Set<WorkerRun>()

  constructor(size: number) {
    this.size = size
  }

  submit(plan: Plan, request: Request, settle: (outcome: Outcome) => void): Running {
    const run = new WorkerRun(this, plan, request, settle)
    run.load()
    return run
  }

  run(): Results {
    throw codedError('ERR_OFFLOOP_BACKEND', ['worker', 'the synchronous form runs on the calling thread'])
  }

  openQueue(): number {
    return 0
  }

  closeQueue(): void {}

  /** Stops the workers; used when a pool that owns them ends. */
  async stop(): Promise<void> {
    await Promise.all(this.#workers.splice(0).map((lane) => lane.worker.terminate()))
  }

  /** A run whose memory is ready waits for a worker here. */
  enqueue(run: WorkerRun): void {
    const index = this.#waiting.findIndex((other) => other.dueMs > run.dueMs)
    this.#waiting.splice(index === -1 ? this.#waiting.length : index, 0, run)
    this.assign()
  }

  /** Takes a run out of the line; false when it was not in it. */
  withdraw(run: WorkerRun): boolean {
    const index = this.#waiting.indexOf(run)
    if (index !== -1) this.#waiting.splice(index, 1)
    return index !== -1
  }

  /** Gives idle workers to what waits, and lets running ones have those that are left. */
  assign(): void {
    while (this.#waiting.length > 0) {
      const run = this.#waiting[0]
      const idle = this.#idle(run.threads)
      if (idle.length === 0) return
      this.#waiting.shift()
      this.#running.add(run)
      run.begin(idle)
    }
    for (const run of this.#running) {
      const wanted = run.wanted()
      if (wanted > 0) run.join(this.#idle(wanted))
    }
  }

  /** The run is over. */
  leave(run: WorkerRun): void {
    this.#running.delete(run)
    this.assign()
  }

  #idle(most: number): Lane[] {
    const idle = this.#workers.filter((lane) => lane.run === undefined).slice(0, most)
    while (idle.length < most && this.#workers.length < this.size) {
      const lane = this.#start()
      this.#workers.push(lane)
      idle.push(lane)
    }
    return idle
  }

  #start(): Lane {
    const worker = new Worker(path.join(__dirname, 'worker-entry.js'), { name: 'offloop', execArgv: [] })
    const lane: Lane = { worker, run: undefined, known: new Set() }
    worker.unref()
    worker.on('message', (message: LeftMessage) => {
      const { run } = lane
      lane.run = undefined
      worker.unref()
      run?.left(lane, message.error)
      this.assign()
    })
    let reason = 'it was stopped'
    worker.on('error', (error) => (reason = String(error)))
    worker.on('exit', (code) => {
      const index = this.#workers.indexOf(lane)
      if (index !== -1) this.#workers.splice(index, 1)
      lane.run?.died(lane, `${reason} (exit code ${code})`)
      this.assign()
    })
    return lane
  }
}

/** A worker, and the run it is in. */
interface Lane {
  readonly worker: Worker
  run: WorkerRun | undefined
  /** Jobs it has been sent. */
  readonly known: Set<number>
}

let lastId = 0

/** One plan on its way through the workers. */
class WorkerRun implements Running {
  /** When its turn is, if nothing of more urgency comes. */
  readonly dueMs: number
  /** The most workers it may have. */
  readonly threads: number
  readonly #id = ++lastId
  readonly #backend: WorkerBackend
  readonly #plan: Plan
  readonly #settle: (outcome: Outcome) => void
  readonly #submitted = performance.now()
  readonly #shared: Plan
  readonly #prepared: Prepared
  readonly #words: Int32Array
  readonly #job: WorkerJob
  readonly #lanes = new Set<Lane>()
  readonly #met = new Set<Lane>()
  #phase = -1
  #begun = 0
  #copyMs = 0
  #most = 0
  #cancelled = false
  #error: Error | undefined

  constructor(backend: WorkerBackend, plan: Plan, request: Request, settle: (outcome: Outcome) => void) {
    this.#backend = backend
    this.#plan = plan
    this.threads = request.threads === 0 ? backend.size : Math.min(request.threads, backend.size)
    this.#settle = settle
    this.dueMs = this.#submitted + headStartMs[request.priority]
    const share = (view: View) => (isShared(bufferOf(view.data)) ? view : sharedTwin(view, plan.kernel))
    this.#shared = { ...plan, inputs: plan.inputs.map(share), outputs: plan.outputs.map(share) }
    this.#prepared = prepare(references[plan.kernel], this.#shared, (bytes) => new SharedArrayBuffer(bytes))
    const { args } = this.#prepared
    const words = new SharedArrayBuffer(control.words * 4)
    this.#words = new Int32Array(words)
    this.#job = {
      id: this.#id,
      kernel: plan.kernel,
      inputs: this.#shared.inputs,
      outputs: this.#shared.outputs,
      scalars: plan.scalars,
      results: args.results.buffer as SharedArrayBuffer,
      scratch: args.scratch as SharedArrayBuffer,
      partials: args.partials.buffer as SharedArrayBuffer,
      control: words,
    }
  }

  /** Brings the inputs into shared memory, and what `out` holds, as some kernels add to it; then gets in line. */
  load(): void {
    const copies = this.#plan.inputs.flatMap((view, i) => {
      const twin = this.#shared.inputs[i]
      return twin === view ? [] : [copyIn(`input ${i}`, view, twin)]
    })
    if (!this.#plan.freshOutputs) {
      this.#plan.outputs.forEach((view, i) => {
        const twin = this.#shared.outputs[i]
        if (twin !== view) copies.push(copyIn('out', view, twin))
      })
    }
    const ready = (ms: number, error?: Error): void => {
      this.#copyMs = ms
      this.#error = error
      if (this.#cancelled || error !== undefined) this.#end()
      else this.#backend.enqueue(this)
    }
    setImmediate(() => copySliced(copies, () => this.#cancelled, ready))
  }

  begin(lanes: readonly Lane[]): void {
    this.#begun = performance.now()
    this.#next(lanes)
  }

  /** How many more workers could help in this phase. */
  wanted(): number {
    const phase = this.#prepared.layout.phases[this.#phase]
    if (phase === undefined || this.#lanes.size === 0) return 0
    // Workers that leave because it is over must not come back.
    if (this.#cancelled || this.#error !== undefined) return 0
    const left = phase.blocks - Atomics.load(this.#words, control.cursor)
    return Math.max(0, Math.min(this.threads - this.#lanes.size, left))
  }

  join(lanes: readonly Lane[]): void {
    for (const lane of lanes) {
      lane.run = this
      lane.worker.ref()
      this.#lanes.add(lane)
      this.#met.add(lane)
      this.#post(lane, { id: this.#id, job: lane.known.has(this.#id) ? undefined : this.#job, phase: this.#phase })
      lane.known.add(this.#id)
    }
    this.#most = Math.max(this.#most, this.#lanes.size)
  }

  /** A worker found no more blocks, or a block threw. */
  left(lane: Lane, error: unknown): void {
    if (error !== undefined)
      this.#fail(codedError('ERR_OFFLOOP_INTERNAL', [`a reference threw: ${error}`], { cause: error }))
    this.#leave(lane)
  }

  died(lane: Lane, reason: string): void {
    this.#fail(codedError('ERR_OFFLOOP_WORKER_DIED', [reason]))
    this.#leave(lane)
  }

  cancel(): void {
    this.#cancelled = true
    Atomics.store(this.#words, control.cancelled, 1)
    if (this.#backend.withdraw(this)) setImmediate(() => this.#end())
  }

  progress(): number {
    const { blocks } = this.#prepared
    return blocks === 0 ? 0 : Atomics.load(this.#words, control.done) / blocks
  }

  started(): boolean {
    return this.#begun > 0
  }

  #post(lane: Lane, message: ToWorker): void {
    lane.worker.postMessage(message)
  }

  #fail(error: Error): void {
    this.#error ??= error
    Atomics.store(this.#words, control.cancelled, 1)
  }

  #leave(lane: Lane): void {
    this.#lanes.delete(lane)
    if (this.#lanes.size > 0) return
    if (this.#cancelled || this.#error !== undefined) return this.#end()
    const phase = this.#prepared.layout.phases[this.#phase]
    fold(this.#prepared, phase, this.#phase)
    this.#next([lane])
  }

  /** On to the next phase that has blocks, starting with the given workers. */
  #next(lanes: readonly Lane[]): void {
    const { phases } = this.#prepared.layout
    this.#phase = phaseAfter(this.#prepared, this.#phase)
    if (this.#phase >= phases.length) return this.#finish()
    Atomics.store(this.#words, control.cursor, 0)
    this.join(lanes.slice(0, phases[this.#phase].blocks))
    this.#backend.assign()
  }

  #finish(): void {
    const { reference, args } = this.#prepared
    reference.finish?.(args)
    const copies = this.#plan.outputs.flatMap((view, i) => {
      const twin = this.#shared.outputs[i]
      return twin === view ? [] : copyOut('out', twin, view)
    })
    copySliced(
      copies,
      () => this.#cancelled,
      (ms, error) => {
        this.#copyMs += ms
        this.#error = error
        this.#end()
      },
    )
  }

  #end(): void {
    for (const lane of this.#met) {
      lane.known.delete(this.#id)
      this.#post(lane, { id: this.#id, forget: true })
    }
    const timing = this.#timing()
    const { args } = this.#prepared
    if (this.#error !== undefined) this.#settle({ kind: 'failed', error: this.#error, timing })
    else if (this.#cancelled) this.#settle({ kind: 'cancelled', timing })
    else this.#settle({ kind: 'done', results: { numbers: args.results, bits: args.bits, at: 0 }, timing })
    this.#backend.leave(this)
  }

  #timing(): Timing {
    const now = performance.now()
    const begun = this.#begun === 0 ? now : this.#begun
    return {
      queuedMs: begun - this.#submitted,
      copyMs: this.#copyMs,
      runMs: now - begun,
      threads: this.#most,
    }
  }
}
