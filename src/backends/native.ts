import { loadBinding } from '../binding.ts'
import type { Loaded } from '../binding.ts'
import { codedError } from '../errors.ts'
import { isContiguous, reach, sizeOf } from '../ndarray.ts'
import type { Plan, Results } from '../plan.ts'
import { bufferOf, isResizable, isShared, newArray } from '../typed-array.ts'
import type { TypedArray, View } from '../types.ts'
import { call, done, status } from '../wire.ts'
import type { Backend, Outcome, Request, Running } from './backend.ts'
import { CallBlock } from './call-block.ts'
import { bitsType, part } from './copy.ts'
import { goneOutputError, isOutOfReach } from './gone.ts'

/** The native thread pool, or undefined where no binary loads. */
export function nativeBackend(): NativeBackend | undefined {
  if (backend === undefined && !tried) {
    tried = true
    const loaded = loadBinding(() => backend?.wake())
    if (loaded !== undefined) backend = new NativeBackend(loaded)
  }
  return backend
}

let backend: NativeBackend | undefined
let tried = false

/** Settling promises may hold the loop this long at a stretch; a timer that is due then gets its turn. */
const settleMs = 0.5

/** A job on the native side, from submit to collect. */
interface Job {
  readonly settle: (outcome: Outcome) => void
  /** Results that the native side wrote into private memory, and where the caller wants them. */
  readonly copies: readonly { from: TypedArray; to: View }[] | undefined
  readonly copyMs: number
  /** As the caller gave it. */
  readonly plan: Plan
}

export class NativeBackend implements Backend {
  readonly name = 'native'
  readonly #loaded: Loaded
  readonly #block: CallBlock
  readonly #kernels: ReadonlyMap<string, number>
  readonly #canPin: boolean
  readonly #jobs: (Job | undefined)[] = []
  #settling = false

  constructor(loaded: Loaded) {
    this.#loaded = loaded
    this.#block = new CallBlock(loaded.call)
    const info = loaded.binding.info()
    this.#kernels = new Map(info.kernels.map(({ name }, index) => [name, index]))
    this.#canPin = info.memory === 'pinned'
  }

  submit(plan: Plan, request: Request, settle: (outcome: Outcome) => void): Running {
    const { binding, call: block } = this.#loaded
    const held = this.#hold(plan)
    this.#writeHead(plan, request.queue, request.priority, request.threads)
    enter(binding.submit, this.#block.write(held.plan))
    this.#check(plan)
    const slot = block[call.slot]
    const job: Job = { settle, copies: held.copies, copyMs: held.copyMs, plan }
    this.#jobs[slot] = job
    return new NativeRunning(this.#loaded, this.#jobs, slot, job)
  }

  run(plan: Plan): Results {
    const { binding, call: block, callBits } = this.#loaded
    // Nothing else runs on this thread meanwhile, so only what another thread could shrink needs a copy, and
    // buffers that can shrink can't be shared.
    this.#writeHead(plan, 0, 1, 1)
    enter(binding.run, this.#block.carry(plan))
    this.#check(plan)
    this.#block.bringBack(plan)
    return { numbers: block, bits: callBits, at: call.results }
  }

  openQueue(threads: number): number {
    return this.#loaded.binding.open(threads)
  }

  closeQueue(queue: number): void {
    this.#loaded.binding.close(queue)
  }

  clearAtEnd(words: Int32Array, index: number): void {
    this.#loaded.binding.clearAtEnd(words, index)
  }

  /** Called on the loop when jobs are done: settles them, in slices that leave timers their turn. */
  wake(): void {
    if (!this.#settling) this.#collect()
  }

  #collect(): void {
    const { binding } = this.#loaded
    const start = performance.now()
    this.#settling = true
    for (;;) {
      const count = binding.collect()
      if (count === 0) {
        this.#settling = false
        return
      }
      // All jobs are taken out first: their slots are free, and the next step of the first may get that of the last.
      const jobs = Array.from({ length: count }, (_, record) => this.#take(record * done.words))
      for (let record = 0; record < count; record++) this.#settle(record * done.words, jobs[record])
      if (performance.now() - start > settleMs) {
        setImmediate(() => this.#collect())
        return
      }
    }
  }

  #take(at: number): Job {
    const slot = this.#loaded.done[at + done.slot]
    const job = this.#jobs[slot] as Job
    this.#jobs[slot] = undefined
    return job
  }

  #settle(at: number, job: Job): void {
    const { done: block, doneBits } = this.#loaded
    const timing = {
      queuedMs: block[at + done.queuedMs],
      copyMs: job.copyMs,
      runMs: block[at + done.runMs],
      threads: block[at + done.threads],
    }
    switch (block[at + done.status]) {
      case status.ok: {
        const gone = goneOutputError(job.plan)
        if (gone !== undefined) {
          job.settle({ kind: 'failed', error: gone, timing })
          return
        }
        if (job.copies !== undefined) copyBack(job.copies)
        job.settle({ kind: 'done', results: { numbers: block, bits: doneBits, at: at + done.results }, timing })
        return
      }
      case status.cancelled:
        job.settle({ kind: 'cancelled', timing })
        return
      default:
        job.settle({ kind: 'failed', error: errorOf(block[at + done.status], job.plan.kernel), timing })
    }
  }

  /** Writes everything of a plan but its arrays. */
  #writeHead(plan: Plan, queue: number, priority: number, threads: number): void {
    const block = this.#loaded.call
    const kernel = this.#kernels.get(plan.kernel)
    if (kernel === undefined) {
      throw codedError('ERR_OFFLOOP_BACKEND', ['native', `its binary has no kernel '${plan.kernel}'; rebuild it`])
    }
    const { scalars } = plan
    block[call.kernel] = kernel
    block[call.queue] = queue
    block[call.priority] = priority
    block[call.threads] = threads
    block[call.cost] = plan.cost
    block[call.inputs] = plan.inputs.length
    block[call.outputs] = plan.outputs.length
    block[call.scalarCount] = scalars.length
    for (let i = 0; i < scalars.length; i++) block[call.scalars + i] = scalars[i]
  }

  #check(plan: Plan): void {
    const code = this.#loaded.call[call.status]
    if (code !== status.ok) throw errorOf(code, plan.kernel)
  }

  /** The plan with arrays that can be read in place while JavaScript goes on, copying those that can't. */
  #hold(plan: Plan): { plan: Plan; copies: Job['copies']; copyMs: number } {
    const inPlace = plan.freshOutputs || plan.outputs.every((view) => this.#holds(view))
    if (inPlace && plan.inputs.every((view) => this.#holds(view))) {
      return { plan, copies: undefined, copyMs: 0 }
    }
    const start = performance.now()
    const copies: { from: TypedArray; to: View }[] = []
    const inputs = plan.inputs.map((view) => (this.#holds(view) ? view : copyOf(view, plan.kernel)))
    const outputs = plan.outputs.map((view) => {
      if (inPlace) return view
      const copy = copyOf(view, plan.kernel)
      copies.push({ from: copy.data, to: view })
      return copy
    })
    const copyMs = performance.now() - start
    return { plan: { ...plan, inputs, outputs }, copies: copies.length > 0 ? copies : undefined, copyMs }
  }

  #holds(view: View): boolean {
    const buffer = bufferOf(view.data)
    if (isShared(buffer)) return true
    return this.#canPin && !isResizable(buffer)
  }
}

class NativeRunning implements Running {
  readonly #loaded: Loaded
  readonly #jobs: readonly (Job | undefined)[]
  readonly #slot: number
  readonly #job: Job

  constructor(loaded: Loaded, jobs: readonly (Job | undefined)[], slot: number, job: Job) {
    this.#loaded = loaded
    this.#jobs = jobs
    this.#slot = slot
    this.#job = job
  }

  // A slot is used again once its job is collected.
  get #live(): boolean {
    return this.#jobs[this.#slot] === this.#job
  }

  cancel(): void {
    if (this.#live) this.#loaded.binding.cancel(this.#slot)
  }

  progress(): number {
    if (!this.#live) return 1
    this.#loaded.binding.info(this.#slot)
    return this.#loaded.call[call.progress]
  }

  started(): boolean {
    if (!this.#live) return true
    this.#loaded.binding.info(this.#slot)
    return this.#loaded.call[call.state] === 1
  }
}

// The common numbers of arguments without spreading a list.
function enter(entry: (...arrays: readonly TypedArray[]) => void, arrays: readonly TypedArray[]): void {
  if (arrays.length === 0) entry()
  else if (arrays.length === 1) entry(arrays[0])
  else if (arrays.length === 2) entry(arrays[0], arrays[1])
  else entry(...arrays)
}

/** The reachable part of a view in private memory. */
function copyOf(view: View, kernel: string): View {
  if (isOutOfReach(view)) throw errorOf(status.detached, kernel)
  const [low, high] = sizeOf(view.shape) === 0 ? [0, -1] : reach(view.shape, view.strides)
  const data = newArray(bitsType(view.dtype), high - low + 1, kernel)
  if (data.length > 0) data.set(part(view.data, view.offset + low, data.length) as never)
  return { ...view, data, offset: -low }
}

/** Brings results into arrays that could not be held. */
function copyBack(copies: readonly { from: TypedArray; to: View }[]): void {
  for (const { from, to } of copies) {
    const [low] = reach(to.shape, to.strides)
    const start = to.offset + low
    if (isContiguous(to.shape, to.strides)) part(to.data, start, from.length).set(from as never)
    else copyElements(from, to, low)
  }
}

// Between the elements of a strided view lie elements that are not ours.
function copyElements(from: TypedArray, to: View, low: number): void {
  const step = (axis: number, at: number): void => {
    if (axis === to.shape.length) to.data[at] = from[at - to.offset - low]
    else for (let i = 0; i < to.shape[axis]; i++) step(axis + 1, at + i * to.strides[axis])
  }
  step(0, to.offset)
}

function errorOf(code: number, kernel: string): Error {
  switch (code) {
    case status.outOfMemory:
      return codedError('ERR_OFFLOOP_MEMORY', [kernel])
    case status.detached:
      return codedError('ERR_OFFLOOP_DETACHED', ['an argument'])
    default:
      return codedError('ERR_OFFLOOP_INTERNAL', [`kernel '${kernel}' ended with status ${code}`])
  }
}
