import { hold } from '../threads/alive.ts'

let count = 0
let release: (() => void) | undefined

/** A message is on its way: the process lives until all are over. */
export function began(): void {
  if (++count === 1) release = hold()
}

export function over(): void {
  if (--count === 0) release?.()
}
