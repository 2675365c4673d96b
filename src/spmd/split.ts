import { checkInteger } from '../check.ts'
import { typeMisuse } from '../errors.ts'
import { allgather, post, receive } from './collectives.ts'
import type { Steps } from './drive.ts'
import { newPlace, openPlace } from './parts.ts'
import type { Parts, Place } from './parts.ts'

/** The parts of a new communicator of those ranks that give the same color, for each of them. */
export function* split(parts: Parts, color: number | undefined, key: number): Steps<Parts | undefined> {
  if (color !== undefined) checkInteger('color', color, 0, Number.MAX_SAFE_INTEGER)
  if (typeof key !== 'number' || Number.isNaN(key)) throw typeMisuse('key', 'a number', key)
  const { world, mail, members, rank } = parts
  const given = (yield* allgather(parts, [color, key], 'split')) as [color: number | undefined, key: number][]
  if (color === undefined) return undefined
  const group = given
    .map(([itsColor, itsKey], from) => ({ color: itsColor, key: itsKey, from }))
    .filter((one) => one.color === color)
    .toSorted((a, b) => a.key - b.key || a.from - b.from)
    .map(({ from }) => from)
  const [leader] = group
  let place: Place
  if (rank === leader) {
    place = newPlace(group.length, world.newContext())
    for (const other of group) if (other !== rank) post(parts, other, place, 0)
  } else {
    place = (yield* receive(parts, leader, 'split')) as Place
  }
  const inWorld = group.map((member) => members[member])
  return openPlace(place, world, mail, inWorld, group.indexOf(rank))
}
