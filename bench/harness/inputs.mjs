// Inputs: random, but the same in every process and every run.
import { alloc } from 'offloop'

/** Numbers from 0 to 1, in memory that all threads share. */
export function uniform(Type, length, seed = 1) {
  const numbers = alloc(Type, length)
  const next = mulberry32(seed)
  for (let i = 0; i < length; i++) numbers[i] = next()
  return numbers
}

/** The generator mulberry32 (Tommy Ettinger, 2017): 32 bits of state, good enough for inputs. */
export function mulberry32(state) {
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let bits = Math.imul(state ^ (state >>> 15), 1 | state)
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
  }
}
