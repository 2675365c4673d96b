import { after } from './after.ts'

interface Entry {
  /** By performance.now(). */
  readonly due: number
  readonly priority: number
  readonly act: () => void
  readonly remove: () => void
}

/** What is due in the future, by whole milliseconds. */
const table = new Map<number, Set<Entry>>()

/**
 * Calls `act` once in so many milliseconds; gives what takes that back. What is due in the same turn of the event loop goes
 * by priority, and by time within: the timer that fires first takes all others along whose time has come.
 */
export function book(milliseconds: number, priority: number, act: () => void, ref: boolean): () => void {
  const due = performance.now() + milliseconds
  const key = Math.floor(due)
  const entries = table.get(key) ?? new Set()
  table.set(key, entries)
  const stopTimer = after(milliseconds, () => fire(entry), ref)
  const remove = (): void => {
    stopTimer()
    entries.delete(entry)
    if (entries.size === 0 && table.get(key) === entries) table.delete(key)
  }
  const entry: Entry = { due, priority, act, remove }
  entries.add(entry)
  return remove
}

function fire(first: Entry): void {
  const now = performance.now()
  const due = [first]
  for (const key of keysFrom(Math.floor(first.due), now)) {
    for (const entry of table.get(key) ?? []) if (entry !== first && entry.due <= now) due.push(entry)
  }
  due.sort((a, b) => a.priority - b.priority || a.due - b.due)
  for (const entry of due) entry.remove()
  for (const entry of due) entry.act()
}

/** The few milliseconds that a timer is late, or all there are where it is very late. */
function keysFrom(first: number, now: number): Iterable<number> {
  const last = Math.floor(now)
  if (last - first > table.size) return Array.from(table.keys()).filter((key) => key >= first && key <= last)
  return Array.from({ length: Math.max(last - first, 0) + 1 }, (_, i) => first + i)
}
