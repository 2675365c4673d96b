// The worker at the other end of what channels.bench.mjs measures.
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'

import { Channel, PipeEnd, Queue } from 'offloop'

const { kind, amount, handles, port } = workerData
const ends = { pipe: echoPipe, channel: echoChannel, port: echoPort, takeQueue, takeChannel, takePort }
parentPort.postMessage('ready')
await ends[kind]()

function echoPipe() {
  const end = PipeEnd.from(handles[0])
  for (const message of end) end.sendSync(message)
}

function echoChannel() {
  const [from, to] = handles.map((handle) => Channel.from(handle))
  for (const message of from) to.sendSync(message)
}

function echoPort() {
  port.on('message', (message) => port.postMessage(message))
}

/** Says when it has got each `amount` of messages. */
function takeQueue() {
  takeAll(Queue.from(handles[0]))
}

function takeChannel() {
  takeAll(Channel.from(handles[0]))
}

function takeAll(source) {
  let count = 0
  for (const _ of source) if (++count % amount === 0) parentPort.postMessage(count)
}

function takePort() {
  let count = 0
  const take = () => {
    if (++count % amount === 0) parentPort.postMessage(count)
  }
  port.on('message', () => {
    take()
    while (receiveMessageOnPort(port) !== undefined) take()
  })
}
