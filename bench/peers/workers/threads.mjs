import { expose } from 'threads/worker'

import * as tasks from '../../pool/tasks.mjs'

expose({ ...tasks })
