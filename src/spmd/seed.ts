// What a rank is started with: the first argument of its function, which arrives as its communicator.
import { MessageChannel } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'

import { Shareable } from '../shareable.ts'
import type { Handle } from '../shareable.ts'
import { newPlace } from './parts.ts'
import type { Place } from './parts.ts'
import type { World } from './world.ts'

/** What travels to a rank. */
export interface RankHandle extends Handle {
  readonly '@offloop': 'Communicator'
  readonly rank: number
  readonly size: number
  readonly world: Int32Array
  readonly place: Place
  /** To each other rank. */
  readonly ports: readonly (MessagePort | undefined)[]
}

export class Seed extends Shareable {
  readonly handle: RankHandle

  constructor(handle: RankHandle) {
    super()
    this.handle = handle
  }

  /** What has to be moved along. */
  get transfer(): MessagePort[] {
    return this.handle.ports.filter((port) => port !== undefined)
  }
}

/** For each rank of a world its seed. */
export function makeSeeds(world: World): Seed[] {
  const { size, words } = world
  const ports = Array.from({ length: size }, () => new Array<MessagePort | undefined>(size).fill(undefined))
  for (let a = 0; a < size; a++) {
    for (let b = a + 1; b < size; b++) {
      const { port1, port2 } = new MessageChannel()
      ports[a][b] = port1
      ports[b][a] = port2
    }
  }
  const place = newPlace(size, 0)
  return ports.map((own, rank) => new Seed({ '@offloop': 'Communicator', rank, size, world: words, place, ports: own }))
}
