// What jobs do: each export is a type of job. They run in worker threads, tell how far they are, and stop when asked to.
import { currentTask } from 'offloop'

/** How many primes there are below a number. */
export function primes({ below }) {
  if (!Number.isSafeInteger(below) || below < 0) throw new RangeError('`below` must be a whole number, 0 or more')
  const task = currentTask()
  let count = 0
  for (let n = 2; n < below; n++) {
    if (n % 1000 === 0) {
      task.throwIfCancelled()
      task.report(n / below)
    }
    let divisor = 2
    while (divisor * divisor <= n && n % divisor !== 0) divisor++
    if (divisor * divisor > n) count++
  }
  return { count }
}

/** How often each word is in a text, most frequent first. */
export function words({ text, most = 10 }) {
  if (typeof text !== 'string') throw new TypeError('`text` must be a string')
  const counts = new Map()
  for (const [word] of text.toLowerCase().matchAll(/\p{L}+/gu)) counts.set(word, (counts.get(word) ?? 0) + 1)
  return Array.from(counts, ([word, count]) => ({ word, count }))
    .toSorted((a, b) => b.count - a.count)
    .slice(0, most)
}
