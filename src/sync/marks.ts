/** A place's word in a wait list is the agent that has it, and one of these; 0 where it is free. */
export const mark = { taken: 1, waiting: 2, notified: 3 } as const

/**
 * How long to sleep between looks, in milliseconds; and without a place to be woken at. Tests turn the looks off, to see
 * that no wake-up is lost without them.
 */
export const lookMs = Math.min(Number(process.env.OFFLOOP_TEST_LOOK_MS ?? 100), 2 ** 31 - 1)
export const placelessMs = 2
