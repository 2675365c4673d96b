// The worker of the pool that one would write oneself.
import { parentPort } from 'node:worker_threads'

import { noop, waveOfList, waveOfShared } from './tasks.mjs'

const tasks = { noop, waveOfList, waveOfShared }
parentPort.on('message', ([id, name, arg]) => parentPort.postMessage([id, tasks[name](arg)]))
