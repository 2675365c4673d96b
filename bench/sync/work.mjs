// What the threads of the bench do: each gives milliseconds for one operation, one number a batch.

function batches(count, size, run) {
  const samples = []
  for (let i = 0; i < count; i++) {
    const start = performance.now()
    for (let j = 0; j < size; j++) run()
    samples.push((performance.now() - start) / size)
  }
  return samples
}

export function alone(lock, count, size) {
  const run = () => lock.acquireSync().release()
  batches(20, size, run)
  return batches(count, size, run)
}

/** Nobody else waits for the words: what the least costs that a lock could do. */
export function bare(words, count, size) {
  const run = () => {
    if (Atomics.compareExchange(words, 0, 0, 1) !== 0) throw new Error('not free')
    Atomics.store(words, 0, 0)
    if (Atomics.load(words, 1) !== 0) Atomics.notify(words, 0, 1)
  }
  batches(20, size, run)
  return batches(count, size, run)
}

/** All begin together, and take it in turn where it is fair. */
export function contend(lock, barrier, count, size) {
  barrier.waitSync()
  return batches(count, size, () => lock.acquireSync().release())
}

export function meet(barrier, count, size) {
  return batches(count, size, () => barrier.waitSync())
}

export async function meetAwaiting(barrier, count, size) {
  const samples = []
  for (let i = 0; i < count; i++) {
    const start = performance.now()
    for (let j = 0; j < size; j++) await barrier.wait()
    samples.push((performance.now() - start) / size)
  }
  return samples
}

/** Two threads that wake each other, one way after another: a handoff that could not be quicker. */
export function pingPong(words, me, count, size) {
  return batches(count, size / 2, () => {
    while (Atomics.load(words, 0) !== me) Atomics.wait(words, 0, 1 - me)
    Atomics.store(words, 0, 1 - me)
    Atomics.notify(words, 0, 1)
  }).map((ms) => ms / 2)
}
