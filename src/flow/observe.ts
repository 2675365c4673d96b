interface Observer {
  readonly onValue: (value: unknown) => void
  readonly onReason: (reason: unknown) => void
}

const observed = new WeakMap<Promise<unknown>, Set<Observer>>()

/**
 * `then`, with a way back. A promise gets one reaction of ours however many wait for it, so that a promise that lives
 * long, as one that stands for shutting down, does not gather what waited for it and something else, which came first.
 * Its rejection counts as handled from then on.
 */
export function observe(
  promise: Promise<unknown>,
  onValue: (value: unknown) => void,
  onReason: (reason: unknown) => void,
): () => void {
  let observers = observed.get(promise)
  if (observers === undefined) {
    const all = new Set<Observer>()
    observers = all
    observed.set(promise, all)
    const over = (tell: (observer: Observer) => void): void => {
      observed.delete(promise)
      for (const observer of all) tell(observer)
    }
    promise.then(
      (value) => over((observer) => observer.onValue(value)),
      (reason: unknown) => over((observer) => observer.onReason(reason)),
    )
  }
  const own = { onValue, onReason }
  const among = observers
  among.add(own)
  return () => void among.delete(own)
}

/** Makes a rejection of it count as handled. */
export function handled<P extends Promise<unknown>>(promise: P): P {
  promise.then(undefined, ignore)
  return promise
}

export function ignore(): void {}
