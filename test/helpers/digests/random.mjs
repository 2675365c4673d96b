import { random } from 'offloop'

/** The same bits on every backend and CPU level. */
export const everywhere = ['random']

export default async function digest(add, options, { floats, ints, singles, bytesOf, bigs }) {
  const run = (task) => add('random', task)
  const n = 200_003
  for (const seeds of [{ seed: 1 }, { seed: 2 ** 53 - 1, stream: 2 ** 33 + 7 }]) {
    const most = { ...options, ...seeds }
    for (const dtype of ['float64', 'float32']) {
      await run(random.uniform(n, { ...most, dtype }))
      await run(random.uniform(n, { ...most, dtype, low: -0.1, high: 3 }))
      await run(random.normal(n, { ...most, dtype, mean: 1, std: 0.1 }))
      await run(random.exponential(n, { ...most, dtype, rate: 3 }))
    }
    await run(random.normal(1_000_000, most))
    await run(random.exponential(1_000_000, most))
    await run(random.uniform(1_100_003, most))
    for (const [low, high, dtype] of [
      [0, 6, 'int32'],
      [0, 2 ** 32, 'uint32'],
      [-5, 2 ** 31, 'int32'],
      [-5, 100, 'int8'],
      [0, 65_535, 'uint16'],
      [-5, 2 ** 52 + 1, 'float64'],
      [-5n, 2n ** 63n, 'bigint64'],
    ]) {
      await run(random.integers(n, { ...most, low, high, dtype }))
    }
    for (const count of [1000, 32_768, 32_769, 300_001]) await run(random.permutation(count, most))
    for (const x of [floats, ints, singles, bytesOf, bigs]) await run(random.permutation(x.subarray(0, 100_003), most))
  }
}
