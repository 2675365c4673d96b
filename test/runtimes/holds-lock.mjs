import { parentPort, workerData } from 'node:worker_threads'

import { Lock } from 'offloop'

Lock.from(workerData).acquireSync()
parentPort.postMessage('held')
setInterval(() => {}, 1000)
