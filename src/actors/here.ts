/** An actor that runs in this thread, as who fails with what its children escalate. */
export interface Here {
  fail(error: unknown): void
}

let here: Here | undefined

/** The actor whose code runs just now, up to its first `await`. */
export function currentHere(): Here | undefined {
  return here
}

export function enterActor(actor: Here | undefined): void {
  here = actor
}
