import { ThreadWorker } from 'poolifier'

import { noop, waveOfList, waveOfShared } from '../../pool/tasks.mjs'

export default new ThreadWorker({ noop, waveOfList, waveOfShared })
