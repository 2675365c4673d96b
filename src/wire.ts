/**
 * The call block and the done block: memory that both sides of the seam see. native/addon/call.h has the same
 * layout; test/backends/wire.test.ts holds the two together.
 */
export const call = {
  kernel: 0,
  queue: 1,
  priority: 2,
  threads: 3,
  cost: 4,
  inputs: 5,
  outputs: 6,
  scalarCount: 7,
  scalars: 8,
  views: 32,
  carried: 32 + 8 * (4 + 2 * 16),
  carriedWords: 256,
  words: 32 + 8 * (4 + 2 * 16) + 1028 * (4 + 2),
  // what comes back
  status: 0,
  slot: 1,
  results: 8,
  state: 0,
  progress: 1,
} as const

export const done = {
  records: 64,
  words: 16,
  slot: 0,
  status: 1,
  queuedMs: 2,
  runMs: 3,
  threads: 4,
  results: 8,
} as const

/** The numbers of native/base/status.h. */
export const status = {
  ok: 0,
  cancelled: 1,
  outOfMemory: 2,
  invalidArgument: 3,
  detached: 4,
  internal: 5,
} as const

export const maxRank = 16
export const maxInputs = 1024
export const maxOutputs = 4
export const maxScalars = 24
export const maxThreads = 256
