import type { Reference, ReferenceArguments } from './reference.ts'

/**
 * A segmented sieve in two calls, as native/kernels/primes.cc has it: scalars[0] 0 makes the map of the numbers below
 * scalars[1], a byte for thirty of them, and counts the primes of each segment of scalars[2] bytes; scalars[0] 1 writes
 * them, each segment from where it begins.
 */
export const primesReference: Reference = {
  prepare({ scalars }) {
    const [, limit, segment] = scalars
    return { phases: [{ blocks: Math.ceil(Math.ceil(limit / 30) / segment) }] }
  },
  runBlock(args, _phase, index) {
    if (args.scalars[0] === 0) sieveSegment(args, index)
    else writeSegment(args, index)
  },
}

const residues = [1, 7, 11, 13, 17, 19, 23, 29]
const bitOf = Int32Array.from({ length: 30 }, (_, residue) => residues.indexOf(residue))
const bitsSet = Uint8Array.from({ length: 256 }, (_, byte) => {
  let count = 0
  for (let bits = byte; bits !== 0; bits &= bits - 1) count++
  return count
})

function sieveSegment({ inputs, outputs, scalars }: ReferenceArguments, segment: number): void {
  const [, limit, size] = scalars
  const primes = inputs[0].data as Uint32Array
  const pattern = inputs[1].data as Uint8Array
  const bytes = outputs[0].shape[0]
  const start = segment * size
  const end = Math.min(bytes, start + size)
  const map = (outputs[0].data as Uint8Array).subarray(start, end)
  for (let i = 0; i < map.length;) {
    const from = (start + i) % pattern.length
    const run = Math.min(pattern.length - from, map.length - i)
    map.set(pattern.subarray(from, from + run), i)
    i += run
  }
  if (start === 0) map[0] = 0xfe
  for (let i = 0; i < primes.length && primes[i] * primes[i] < 30 * end; i++) crossOut(map, start, primes[i])
  if (end === bytes) {
    residues.forEach((residue, bit) => {
      if (30 * (bytes - 1) + residue >= limit) map[map.length - 1] &= ~(1 << bit)
    })
  }
  let count = 0
  for (let i = 0; i < map.length; i++) count += bitsSet[map[i]]
  ;(outputs[1].data as Float64Array)[segment] = count
}

/** Crosses out p·q for all q on the wheel from p up, a residue of q after another: one bit in every p bytes. */
function crossOut(map: Uint8Array, start: number, p: number): void {
  for (const residue of residues) {
    const place = Math.floor((p * residue) / 30)
    const mask = ~(1 << bitOf[(p * residue) % 30])
    const round = Math.max(Math.ceil((p - residue) / 30), Math.ceil((start - place) / p))
    for (let at = round * p + place - start; at < map.length; at += p) map[at] &= mask
  }
}

function writeSegment({ inputs, outputs, scalars }: ReferenceArguments, segment: number): void {
  const [, , size] = scalars
  const map = inputs[0].data as Uint8Array
  const out = outputs[0].data as Uint32Array
  const end = Math.min(map.length, (segment + 1) * size)
  let to = (inputs[1].data as Float64Array)[segment]
  for (let at = segment * size; at < end; at++) {
    for (let bits = map[at]; bits !== 0; bits &= bits - 1) out[to++] = 30 * at + residues[31 - Math.clz32(bits & -bits)]
  }
}
