// The lines of this thread, and what is heard by them.
import { MessageChannel } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'

import { Line } from './line.ts'
import type { Entry } from './messages.ts'
import { hearAsOwner, lineGone } from './office.ts'
import { relay, relayCancel } from './relay.ts'
import { forgetLine, hearAsHost } from './stage.ts'
import { PortWire } from './wire.ts'

/** Those whose other end is known. */
const lines = new Map<number, { readonly line: Line; readonly port: MessagePort }>()

/** Extra hearing of one end: the boss of a worker hears what becomes of its actors. */
export type Hear = (entry: Entry) => void

/** A line by a port. */
export function openLine(port: MessagePort, hear: Hear = ignore): Line {
  const line = new Line('worker')
  const wire = new PortWire(
    port,
    (entries) => {
      for (const entry of entries) dispatch(line, entry, hear)
    },
    () => line.gone(),
  )
  line.connect(wire)
  line.onGone.add(() => {
    forgetLine(line)
    lineGone(line)
  })
  return line
}

/** The line to a thread: the one that is there, or one by this port. */
export function lineTo(thread: number, port: MessagePort | undefined): Line | undefined {
  const there = lines.get(thread)
  if (there !== undefined) {
    if (port !== undefined && port !== there.port) port.close()
    return there.line
  }
  if (port === undefined) return undefined
  const line = openLine(port)
  keepLine(thread, line, port)
  return line
}

/** That it is to this thread. */
export function keepLine(thread: number, line: Line, port: MessagePort): void {
  lines.set(thread, { line, port })
  line.onGone.add(() => {
    if (lines.get(thread)?.line === line) lines.delete(thread)
  })
}

/** A port for somebody who wants to talk to whom a line leads to. */
export function portBy(line: Line): MessagePort {
  const { port1, port2 } = new MessageChannel()
  line.postNow(['connect', port1], [port1])
  return port2
}

/** A port for somebody who wants to talk to this thread. */
export function portHere(): MessagePort {
  const { port1, port2 } = new MessageChannel()
  openLine(port1)
  return port2
}

export function dispatch(line: Line, entry: Entry, hear: Hear): void {
  if (line.take(entry)) return
  if (entry[0] === 'connect') openLine(entry[1])
  else if (entry[0] === 'cancel' && relayCancel(line, entry[2], entry[3])) return
  else if (hearAsHost(line, entry, relay)) return
  else if (!hearAsOwner(line, entry)) hear(entry)
}

function ignore(): void {}
