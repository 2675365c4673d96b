// A part of an array copied to another in a worker.

export function copyPart({ from, to, begin, end }) {
  to.set(from.subarray(begin, end), begin)
}
