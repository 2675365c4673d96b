import { packFault } from './fault.ts'
import { setIdentity } from './identity.ts'
import { leave } from './leave.ts'
import { connectMail } from './mail.ts'
import type { FromRunner, RunnerOptions, ToRunner } from './messages.ts'
import { Runner } from './runner.ts'

/** A child process that runs functions. */
let runner: Runner | undefined

process.on('message', (message: ToRunner | readonly ['options', RunnerOptions]) => {
  if (message[0] === 'options') {
    const post = (reply: FromRunner): void => void process.send?.(reply)
    setIdentity(message[1].identity)
    connectMail((content) => post(['mail', content]))
    runner = new Runner({ channel: 'process', words: undefined, post, receive: () => undefined, leave }, message[1])
  } else {
    runner?.take(message)
  }
})
process.on('disconnect', () => process.exit())
process.on('exit', () => runner?.flush())
// Said to the parent, which rejects what runs here, and then as fatal as ever.
process.on('uncaughtException', (error) => {
  process.send?.(['died', packFault(error)], undefined, undefined, () => process.exit(1))
})
