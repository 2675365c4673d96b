import type { Identity } from './messages.ts'

let own: Identity | undefined

/** What this thread or process is called, where it is one of its own. */
export function identity(): Identity | undefined {
  return own
}

/** The runner's. */
export function setIdentity(given: Identity | undefined): void {
  own = given
}
