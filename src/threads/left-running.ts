// With OFFLOOP_DEBUG=threads: threads that nobody waits for are told of, with the place where they were made.
import { isMainThread } from 'node:worker_threads'

import { readEnvironment } from '../environment.ts'

/** What is known of one that runs. */
export interface Running {
  /** "The thread 'name'". */
  readonly title: string
  readonly daemon: boolean
  joined: boolean
  /** Frames of where it was made; undefined unless they are wanted. */
  readonly madeAt: string | undefined
}

const running = new Set<Running>()
let watching = false
const forgotten = new FinalizationRegistry<Running>((thread) => {
  if (running.has(thread) && !thread.joined) process.emitWarning(warningOf(thread, 'nobody can join it any more'))
})

export function wantsReports(): boolean {
  return readEnvironment().debug.includes('threads')
}

/** It runs from now on; `owner` is what its user holds. */
export function began(thread: Running, owner: object): void {
  if (thread.madeAt === undefined || thread.daemon) return
  running.add(thread)
  forgotten.register(owner, thread, thread)
  if (watching) return
  watching = true
  process.on('exit', () => {
    for (const left of running) {
      // A warning of the usual kind would come in the next turn, and there is none.
      process.emit('warning', warningOf(left, `${isMainThread ? 'the process' : 'its maker'} ends`))
    }
  })
}

export function ended(thread: Running): void {
  running.delete(thread)
  forgotten.unregister(thread)
}

function warningOf({ title, madeAt }: Running, why: string): Error {
  const warning = new Error(`${title} still runs, and ${why}. It was made here:\n${madeAt}`)
  warning.name = 'OffloopThreadWarning'
  warning.stack = `${warning.name}: ${warning.message}`
  return warning
}
