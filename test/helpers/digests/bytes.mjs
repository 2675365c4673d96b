import { hash } from 'offloop'

/** The same bits on every backend and CPU level. */
export const everywhere = ['hash']

export default async function digest(add, options, { bytesOf, floats, ints }) {
  const lengths = [0, 1, 3, 8, 16, 17, 100, 240, 241, 1000, 1024, 5000, 66_000, 200_001]
  const items = lengths.flatMap((length) => [bytesOf.subarray(0, length), bytesOf.subarray(5, length + 5)])
  for (const algorithm of ['blake3', 'xxh3', 'xxh3-128', 'crc32c', 'sha256']) {
    for (const x of [bytesOf, floats, ints.subarray(1)]) await add('hash', hash(x, { ...options, algorithm }))
    await add('hash', hash(items, { ...options, algorithm }))
    await add('hash', hash(pieces(bytesOf), { ...options, algorithm }))
  }
  await add('hash', hash(items, { ...options, algorithm: 'xxh3', seed: 12345n }))
}

async function* pieces(bytes) {
  for (let round = 0; round < 4; round++) yield bytes.subarray(round)
}
