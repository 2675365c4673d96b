import { randomUUID } from 'node:crypto'
import { EventEmitter } from 'node:events'

import { importTasks, Pool } from 'offloop'

const work = importTasks(new URL('./work.mjs', import.meta.url))

/** The types of jobs, and what runs each. */
const types = { primes: work.primes, words: work.words }

/** A job: emits `progress` while it runs and `settled` once it is over. */
class Job extends EventEmitter {
  #task
  id = randomUUID()
  result
  error

  constructor(type, task) {
    super()
    this.type = type
    this.#task = task
  }

  get settled() {
    return ['done', 'failed', 'cancelled'].includes(this.#task.status)
  }

  cancel() {
    this.#task.cancel()
  }

  toJSON() {
    const { id, type, result, error } = this
    const { status, progress, timing } = this.#task
    return { id, type, status, progress, queuedMs: timing.queuedMs, runMs: timing.runMs, result, error }
  }
}

/** Jobs in memory: as many at once as there is room for, and the last ones that are over. */
export class Jobs {
  #pool
  #jobs = new Map()
  #kept

  /** @param options `{ workers, queueLimit, kept }`; `kept` is how many jobs that are over are remembered. */
  constructor({ workers, queueLimit, kept }) {
    this.#pool = new Pool({ name: 'jobs', workers, queueLimit })
    this.#kept = kept
  }

  /** Throws a RangeError for a type that there is not, and errors with `ERR_OFFLOOP_QUEUE_FULL` or `ERR_OFFLOOP_CLOSED`. */
  async add(type, data) {
    if (!Object.hasOwn(types, type)) throw new RangeError(`There are jobs of type ${Object.keys(types).join(', ')}`)
    let job
    const onProgress = (progress) => job.emit('progress', progress)
    const task = this.#pool.run(types[type], [data], { onProgress })
    // What the pool refuses has failed at once, and is no job.
    if (task.status === 'failed') return task
    job = new Job(type, task)
    this.#jobs.set(job.id, job)
    void task
      .then(
        (result) => (job.result = result),
        (error) => (job.error = { name: error.name, message: error.message, code: error.code }),
      )
      .then(() => this.#settle(job))
    return job
  }

  get(id) {
    return this.#jobs.get(id)
  }

  /** Takes no more jobs; resolves when those that it has are over. */
  drain() {
    return this.#pool.close()
  }

  /** Cancels all jobs. */
  stop() {
    return this.#pool.terminate()
  }

  #settle(job) {
    job.emit('settled')
    const over = Array.from(this.#jobs.values()).filter(({ settled }) => settled)
    for (const { id } of over.slice(0, Math.max(0, over.length - this.#kept))) this.#jobs.delete(id)
  }
}
