interface Observer {
  readonly onValue: (value: unknown) => void
  readonly onReason: (reason: unknown) => void
}

type Observers = Observer | Set<Observer>

/** Returns what it is given, so that a class that extends it puts its private fields there. */
const Given = function (given: object): object {
  return given
} as unknown as new (given: object) => object

/** Who waits for a promise, on the promise itself: entries of a WeakMap cost the collector many times as much. */
class Observed extends Given {
  #observers: Observers | undefined

  static of(promise: Promise<unknown>): Observers | undefined {
    return #observers in promise ? (promise as unknown as Observed).#observers : undefined
  }

  static set(promise: Promise<unknown>, observers: Observers | undefined): void {
    const observed = (#observers in promise ? promise : new Observed(promise)) as Observed
    observed.#observers = observers
  }
}

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
  const own = { onValue, onReason }
  const known = Observed.of(promise)
  if (known instanceof Set) known.add(own)
  else Observed.set(promise, known === undefined ? own : new Set([known, own]))
  if (known === undefined) {
    promise.then(
      (value) => over(promise, (observer) => observer.onValue(value)),
      (reason: unknown) => over(promise, (observer) => observer.onReason(reason)),
    )
  }
  return () => leave(promise, own)
}

function over(promise: Promise<unknown>, tell: (observer: Observer) => void): void {
  const observers = Observed.of(promise)
  Observed.set(promise, undefined)
  if (!(observers instanceof Set)) return tell(observers as Observer)
  for (const observer of observers) tell(observer)
}

function leave(promise: Promise<unknown>, observer: Observer): void {
  const known = Observed.of(promise)
  if (known === observer) Observed.set(promise, new Set())
  else if (known instanceof Set) known.delete(observer)
}

/** Makes a rejection of it count as handled. */
export function handled<P extends Promise<unknown>>(promise: P): P {
  promise.then(undefined, ignore)
  return promise
}

export function ignore(): void {}
