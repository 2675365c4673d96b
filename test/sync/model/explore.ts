import type { Action, World } from './world.ts'

export interface Exploration {
  readonly schedules: number
  readonly steps: number
}

export interface Limits {
  /**
   * How often a thread that could go on may be made to stop, in one schedule; most faults of protocols show within two
   * (Musuvathi, Qadeer: Iterative Context Bounding for Systematic Testing of Multithreaded Programs, 2007).
   */
  readonly preemptions: number
  /** Steps of one schedule after which it counts as one that never ends. */
  readonly maxSteps?: number
}

interface Choice {
  taken: number
  readonly options: number
}

/**
 * Runs a world in every order of steps that the limits allow; depth first, by running it again from the start with
 * another choice each time.
 *
 * @param make A new world, and a check for its end that throws.
 * @throws Error with the schedule, when a thread is left waiting, does not end, or the check fails.
 */
export function explore(make: () => { world: World; check: () => void }, limits: Limits): Exploration {
  const choices: Choice[] = []
  let schedules = 0
  let steps = 0
  for (;;) {
    steps += runOnce(make(), choices, limits)
    schedules++
    while (choices.length > 0 && (choices.at(-1) as Choice).taken + 1 === (choices.at(-1) as Choice).options) {
      choices.pop()
    }
    const last = choices.at(-1)
    if (last === undefined) return { schedules, steps }
    last.taken++
  }
}

function runOnce({ world, check }: { world: World; check: () => void }, choices: Choice[], limits: Limits): number {
  const { maxSteps = 5000 } = limits
  const trace: Action[] = []
  let budget = limits.preemptions
  let depth = 0
  try {
    for (;;) {
      const actions = inOrder(world.actions(), world)
      if (actions.length === 0) break
      if (trace.length === maxSteps) throw new Error(`did not end within ${maxSteps} steps`)
      const free = freeOf(actions, world)
      const options = budget > 0 ? actions.length : free
      let taken = 0
      if (options > 1) {
        if (depth === choices.length) choices.push({ taken: 0, options })
        taken = choices[depth++].taken
      }
      if (taken >= free) budget--
      trace.push(actions[taken])
      world.take(actions[taken])
    }
    const waiting = world.threads.filter((thread) => !thread.terminated && !thread.isIdle)
    if (waiting.length > 0) throw new Error(`${waiting.map(({ name }) => name).join(', ')} waits for ever`)
    check()
  } catch (error) {
    throw new Error(`${(error as Error).message}\nSchedule: ${summary(trace)}`, { cause: error })
  }
  return trace.length
}

/** The thread that runs first, then the others; time passes last. */
function inOrder(actions: Action[], world: World): Action[] {
  const rank = ({ thread, kind }: Action): number => (kind === 'run' ? (thread === world.current ? 0 : 1) : 2)
  return actions.toSorted((a, b) => rank(a) - rank(b))
}

/** How many of the actions cost nothing: going on; any thread where the one that ran can't; or time, if all wait. */
function freeOf(actions: Action[], world: World): number {
  if (actions[0].kind !== 'run') return actions.length
  if (actions[0].thread === world.current) return 1
  return actions.filter(({ kind }) => kind === 'run').length
}

/** `a×12 b×3 a:timeout`. */
function summary(trace: readonly Action[]): string {
  const parts: { name: string; count: number }[] = []
  for (const { thread, kind } of trace) {
    const name = kind === 'run' ? thread.name : `${thread.name}:${kind}`
    const last = parts.at(-1)
    if (last?.name === name) last.count++
    else parts.push({ name, count: 1 })
  }
  return parts.map(({ name, count }) => (count === 1 ? name : `${name}×${count}`)).join(' ')
}
