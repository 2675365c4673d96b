import { once } from 'node:events'
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads'

import { Channel, Pipe, Queue } from 'offloop'

import { measure } from '../harness/measure.mjs'

const amount = 10_000
const values = {
  'a number': 12_345.5,
  'a string of 20': 'abcdefghijklmnopqrst',
  'a small object': { id: 12, name: 'order', items: [1, 2, 3] },
  'a Map': new Map([['a', 1]]),
  'a Float64Array of 1000': new Float64Array(1000),
}

export default {
  question: 'What does a message cost, in and out, to another thread, and there and back? Beside MessagePort.',
  cases: [
    ...Object.keys(values).map((name) => ({
      name: `${name}, in and out on one thread`,
      headline: true,
      run: ({ budgetMs }) => inAndOut(values[name], budgetMs),
    })),
    { name: `${amount} numbers to a worker, each`, headline: true, run: ({ budgetMs }) => toWorker(1.5, budgetMs) },
    {
      name: `${amount} small objects to a worker, each`,
      headline: true,
      run: ({ budgetMs }) => toWorker(values['a small object'], budgetMs),
    },
    { name: 'there and back', headline: true, run: roundTrip },
  ],
}

async function inAndOut(value, budgetMs) {
  const queue = new Queue()
  const channel = new Channel(1)
  const { port1, port2 } = new MessageChannel()
  const entries = [
    {
      name: 'Queue, tryPut and tryGet',
      sync: true,
      run: () => {
        queue.tryPut(value)
        return queue.tryGet()
      },
    },
    {
      name: 'Queue, await put and await get',
      run: async () => {
        await queue.put(value)
        return queue.get()
      },
    },
    {
      name: 'Channel(1), await send and await receive',
      run: async () => {
        await channel.send(value)
        return channel.receive()
      },
    },
    {
      name: 'MessagePort, postMessage and receiveMessageOnPort',
      sync: true,
      run: () => {
        port1.postMessage(value)
        return receiveMessageOnPort(port2)
      },
    },
  ]
  const rows = await rowsOf(entries, budgetMs)
  port1.close()
  return { rows, notes: [] }
}

/** A burst into a worker that waits for it, until that says that it has all; the time of one message. */
async function toWorker(value, budgetMs) {
  const queue = new Queue()
  const bounded = new Queue({ capacity: 256 })
  const channel = new Channel(256)
  const { port1, port2 } = new MessageChannel()
  const entries = [
    await burst('Queue', { kind: 'takeQueue', handles: [queue.handle] }, () => {
      for (let i = 0; i < amount; i++) queue.tryPut(value)
    }),
    await burst('Queue of 256, await put', { kind: 'takeQueue', handles: [bounded.handle] }, async () => {
      for (let i = 0; i < amount; i++) await bounded.put(value)
    }),
    await burst('Channel of 256, await send', { kind: 'takeChannel', handles: [channel.handle] }, async () => {
      for (let i = 0; i < amount; i++) await channel.send(value)
    }),
    await burst('MessagePort', { kind: 'takePort', port: port2 }, () => {
      for (let i = 0; i < amount; i++) port1.postMessage(value)
    }),
  ]
  const rows = await rowsOf(entries, budgetMs, amount)
  await Promise.all(entries.map(({ worker }) => worker.terminate()))
  return { rows, notes: [] }
}

async function burst(name, data, send) {
  const worker = await startWorker(data)
  const run = async () => {
    const done = once(worker, 'message')
    await send()
    await done
  }
  return { name, worker, run }
}

/** A message to a worker and back, each awaited before the next. */
async function roundTrip({ budgetMs }) {
  const [here, there] = Pipe()
  const channels = [new Channel(), new Channel()]
  const { port1, port2 } = new MessageChannel()
  const workers = [
    await startWorker({ kind: 'pipe', handles: [there.handle] }),
    await startWorker({ kind: 'channel', handles: channels.map(({ handle }) => handle) }),
    await startWorker({ kind: 'port', port: port2 }),
  ]
  const entries = [
    {
      name: 'Pipe',
      run: async () => {
        await here.send(1)
        return here.recv()
      },
    },
    {
      name: 'two Channels',
      run: async () => {
        await channels[0].send(1)
        return channels[1].receive()
      },
    },
    {
      name: 'MessagePort',
      run: () => {
        const reply = once(port1, 'message')
        port1.postMessage(1)
        return reply
      },
    },
  ]
  const rows = await rowsOf(entries, budgetMs)
  port1.close()
  await Promise.all(workers.map((worker) => worker.terminate()))
  return { rows, notes: [] }
}

async function startWorker(data) {
  const transferList = data.port === undefined ? [] : [data.port]
  const worker = new Worker(new URL('./other-end.mjs', import.meta.url), {
    workerData: { ...data, amount },
    transferList,
  })
  await once(worker, 'message')
  return worker
}

async function rowsOf(entries, budgetMs, per = 1) {
  const samples = await measure(entries, Math.max(budgetMs, 200 * entries.length))
  const baseline = entries.at(-1).name
  return entries.map(({ name }, i) => ({
    name,
    isPeer: name === baseline,
    unit: 'ms',
    samples: samples[i].map((ms) => ms / per),
    baseline,
    rate: { amount: 0.001, unit: 'million/s' },
  }))
}
