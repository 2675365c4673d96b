interface Due {
  readonly priority: number
  readonly run: () => void
}

let waiting: Due[] = []

/** Lets what is due run after this turn's timers, higher priorities first. */
export function whenDue(priority: number, run: () => void): void {
  waiting.push({ priority, run })
  // One each: those of a clock that a test stopped never come, and must not hold up others.
  setImmediate(flush)
}

function flush(): void {
  const due = waiting.toSorted((a, b) => a.priority - b.priority)
  waiting = []
  for (const { run } of due) run()
}
