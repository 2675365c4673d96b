// What a worker that actors live in runs: it lasts until it is told to leave.
import type { MessagePort } from 'node:worker_threads'

import { currentTask } from '../executor/current-task.ts'
import { openMail, sendMail } from '../executor/mail.ts'
import { dispatch, keepLine, openLine } from './exchange.ts'
import { Line } from './line.ts'
import type { Entry } from './messages.ts'
import { setContext } from './stage.ts'
import { MailWire } from './wire.ts'

/** In a thread: a port to who made it, and his thread. */
export function hostThread(port: MessagePort, boss: number): Promise<void> {
  setContext(currentTask().context)
  return new Promise((resolve) => {
    const line = openLine(port, (entry) => {
      if (entry[0] === 'leave') resolve()
    })
    keepLine(boss, line, port)
    sendAtExit(line)
  })
}

/** In a process: mail is the line. */
export function hostProcess(): Promise<void> {
  setContext(currentTask().context)
  return new Promise((resolve) => {
    const line = new Line('process')
    const hear = (entry: Entry): void => {
      if (entry[0] === 'leave') resolve()
    }
    line.connect(new MailWire(sendMail))
    sendAtExit(line)
    openMail((entries) => {
      for (const entry of entries as Entry[]) dispatch(line, entry, hear)
    })
  })
}

/** What is done is said, also where a message ends the worker. */
function sendAtExit(line: Line): void {
  process.on('exit', () => line.wire.flush())
}
