/** One signal and one progress for a row of tasks, each of which is a share of the whole. */
export class Steps {
  #total
  #done = 0
  #signal
  #report

  constructor(total, { signal, onProgress = () => {} } = {}) {
    this.#total = total
    this.#signal = signal
    this.#report = onProgress
  }

  /** Runs `start(options)`, which gives the options of its task to a call of offloop. */
  async run(share, start) {
    this.#signal?.throwIfAborted()
    const onProgress = (fraction) => this.#report((this.#done + share * fraction) / this.#total)
    const result = await start({ signal: this.#signal, onProgress })
    this.#done += share
    this.#report(this.#done / this.#total)
    return result
  }
}
