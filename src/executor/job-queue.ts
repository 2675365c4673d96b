import type { Job } from './job.ts'

/** How far behind in line a priority starts, so that low work ages to the front. Milliseconds, as the native pool's. */
const headStartMs = [0, 100, 1000] as const

/** Jobs that wait, by priority and age. Those that settle meanwhile stay until their turn, and are dropped then. */
export class JobQueue {
  readonly #lines = headStartMs.map(() => new Line())
  #length = 0

  /** Jobs that still want to run. */
  get length(): number {
    return this.#length
  }

  push(job: Job): void {
    this.#lines[job.kind.priority].push(job)
    this.#length++
  }

  /** Puts a job back to where it was. */
  unshift(job: Job): void {
    this.#lines[job.kind.priority].unshift(job)
    this.#length++
  }

  /** A job in it has settled. */
  dropped(): void {
    this.#length--
  }

  peek(): Job | undefined {
    return this.#next()?.first
  }

  shift(): Job | undefined {
    const line = this.#next()
    if (line === undefined) return undefined
    this.#length--
    return line.shift()
  }

  /** Everything that waits. */
  *[Symbol.iterator](): Generator<Job> {
    for (const line of this.#lines) yield* line
  }

  #next(): Line | undefined {
    let best: Line | undefined
    let bestDue = Infinity
    for (let priority = 0; priority < this.#lines.length; priority++) {
      const line = this.#lines[priority]
      const { first } = line
      if (first === undefined) continue
      const due = first.submitted + headStartMs[priority]
      if (due >= bestDue) continue
      best = line
      bestDue = due
    }
    return best
  }
}

/** First in, first out, in constant time. */
class Line {
  #jobs: (Job | undefined)[] = []
  #head = 0

  get first(): Job | undefined {
    for (; this.#head < this.#jobs.length; this.#head++) {
      const job = this.#jobs[this.#head] as Job
      if (!job.settled) return job
      this.#jobs[this.#head] = undefined
    }
    this.#jobs = []
    this.#head = 0
    return undefined
  }

  push(job: Job): void {
    this.#jobs.push(job)
  }

  unshift(job: Job): void {
    if (this.#head > 0) this.#jobs[--this.#head] = job
    else this.#jobs.unshift(job)
  }

  shift(): Job | undefined {
    const { first } = this
    if (first === undefined) return undefined
    this.#jobs[this.#head++] = undefined
    // The used-up part goes when it is the greater one.
    if (this.#head > 1024 && this.#head * 2 > this.#jobs.length) {
      this.#jobs = this.#jobs.slice(this.#head)
      this.#head = 0
    }
    return first
  }

  *[Symbol.iterator](): Generator<Job> {
    for (let i = this.#head; i < this.#jobs.length; i++) {
      const job = this.#jobs[i] as Job
      if (!job.settled) yield job
    }
  }
}
