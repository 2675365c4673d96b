import { parentPort, workerData } from 'node:worker_threads'

import { Value } from 'offloop'

Value.from(workerData).add(5)
parentPort.postMessage('added')
