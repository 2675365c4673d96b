import { showWait } from '../format.ts'

/** How far a run is: one line that is written over on a terminal, a line a step elsewhere. On standard error. */
export class Progress {
  readonly #total: number
  readonly #stream: NodeJS.WriteStream
  readonly #start = performance.now()
  #done = 0

  constructor(total: number, stream: NodeJS.WriteStream = process.stderr) {
    this.#total = total
    this.#stream = stream
  }

  /** Says what is about to begin. */
  step(what: string): void {
    const left = this.#done === 0 ? '' : `, about ${showWait(this.#left())} left`
    const line = `[${this.#done + 1}/${this.#total}] ${what}${left}`
    if (this.#stream.isTTY) this.#stream.write(`\r\x1b[K${line.slice(0, this.#stream.columns - 1)}`)
    else this.#stream.write(`${line}\n`)
    this.#done++
  }

  /** Makes room for a line of output. */
  clear(): void {
    if (this.#stream.isTTY) this.#stream.write('\r\x1b[K')
  }

  #left(): number {
    return ((performance.now() - this.#start) / this.#done) * (this.#total - this.#done)
  }
}
