// What a worker does without until a task needs it: it starts the sooner for each file that it need not read.
import { lazy } from '../lazy.ts'
import type * as Faults from './fault.ts'
import type * as Parcels from './parcel.ts'

export const faults = lazy(() => require('./fault.js') as typeof Faults)
export const parcels = lazy(() => require('./parcel.js') as typeof Parcels)
