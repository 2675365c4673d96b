// Distances of a few short strings in JavaScript, for the synchronous form, where packing them would cost the most.
import { isList } from '../check.ts'

const mostStrings = 16
/** Bits of a word. */
const longestQuery = 32
const longestString = 64

/** By character: where the query has it, a bit a place. */
const places = new Int32Array(128)

export function fewDistances([query, list]: readonly unknown[]): Uint32Array | undefined {
  if (typeof query !== 'string' || query.length === 0 || query.length > longestQuery) return undefined
  if (!isList(list) || list.length > mostStrings) return undefined
  for (let i = 0; i < query.length; i++) if (query.charCodeAt(i) >= places.length) return undefined
  const strings = list.slice()
  for (const each of strings) if (typeof each !== 'string' || each.length > longestString) return undefined
  for (let i = 0; i < query.length; i++) places[query.charCodeAt(i)] |= 1 << i
  const distances = new Uint32Array(strings.length)
  for (let i = 0; i < strings.length; i++) distances[i] = distanceTo(strings[i] as string, query.length)
  for (let i = 0; i < query.length; i++) places[query.charCodeAt(i)] = 0
  return distances
}

/** Myers (1999), as Hyyrö (2003) has it: a column of the matrix of distances in two words, its rises and its falls. */
function distanceTo(string: string, length: number): number {
  const last = 1 << (length - 1)
  let distance = length
  let rises = -1
  let falls = 0
  for (let i = 0; i < string.length; i++) {
    const unit = string.charCodeAt(i)
    const equal = unit < places.length ? places[unit] : 0
    const vertical = equal | falls
    const horizontal = (((equal & rises) + rises) ^ rises) | equal
    let up = falls | ~(horizontal | rises)
    let down = rises & horizontal
    if ((up & last) !== 0) distance++
    if ((down & last) !== 0) distance--
    up = (up << 1) | 1
    down <<= 1
    rises = down | ~(vertical | up)
    falls = up & vertical
  }
  return distance
}
