// What waits as a promise in this thread is looked at now and then, by one timer, which holds the event loop as long.
import { lookMs } from './marks.ts'

interface Waiting {
  run(thorough: boolean): void
}

const waiting = new Set<Waiting>()
let timer: NodeJS.Timeout | undefined

export function watch(one: Waiting): void {
  waiting.add(one)
  timer ??= setInterval(() => {
    for (const each of Array.from(waiting)) each.run(true)
  }, lookMs)
}

export function unwatch(one: Waiting): void {
  waiting.delete(one)
  if (waiting.size > 0) return
  clearInterval(timer)
  timer = undefined
}
