/** One part of the demo. */
export interface Scene {
  readonly title: string
  /** Prints what it shows; less work where it is quick. */
  run(quick: boolean): Promise<void>
}

/** The shortest time that something took in three runs, in milliseconds, and what it gave. */
export async function timed<T>(work: () => T | PromiseLike<T>): Promise<{ took: number; result: T }> {
  let took = Infinity
  for (let run = 1; ; run++) {
    const start = performance.now()
    const result = await work()
    took = Math.min(took, performance.now() - start)
    if (run === 3) return { took, result }
  }
}
