const listeners = new WeakMap<AbortSignal, Set<() => void>>()

/**
 * Calls `act` when the signal aborts, once; gives what takes that back. A signal has one listener of ours whatever
 * hangs on it: more than a few would look like a leak to the runtime, and one for thousands of tasks is none.
 */
export function onAbort(signal: AbortSignal, act: () => void): () => void {
  let acts = listeners.get(signal)
  if (acts === undefined) {
    acts = new Set()
    listeners.set(signal, acts)
    const all = acts
    const listener = (): void => {
      listeners.delete(signal)
      for (const each of Array.from(all)) each()
    }
    signal.addEventListener('abort', listener, { once: true })
    release.set(acts, () => {
      listeners.delete(signal)
      signal.removeEventListener('abort', listener)
    })
  }
  const own = acts
  // The same function may be given twice.
  const entry = (): void => act()
  own.add(entry)
  return () => {
    if (own.delete(entry) && own.size === 0) release.get(own)?.()
  }
}

const release = new WeakMap<Set<() => void>, () => void>()
