import { classOf, gather, isFloat, dtypes } from './views.ts'
import type { Sample, Strided, TestDType } from './views.ts'
import { checkKernel } from './lanes.ts'
import { reduce } from './reductions.ts'
import type { Define, ReduceOptions } from './reductions.ts'

/** What floating point has besides ordinary numbers. */
const lists: Readonly<Record<string, readonly number[]>> = {
  'NaN first': [NaN, 1, 2, 3],
  'NaN last': [...Array<number>(70).fill(1), NaN],
  'only NaN': [NaN, NaN, NaN],
  'NaN here and there': Array.from({ length: 1000 }, (_, i) => (i % 7 === 3 ? NaN : i / 8)),
  Infinity: [1, Infinity, 2],
  '-Infinity': [1, 2, 3, -Infinity],
  'both infinities': [Infinity, 1, -Infinity],
  'infinity and NaN': [-Infinity, NaN, 5],
  'minus zeros': Array<number>(40).fill(-0),
  'both zeros': [0, -0, 0, -0],
  'denormal numbers': Array.from({ length: 99 }, (_, i) => (i % 2 === 0 ? 1 : -3) * i * 2 ** -149),
  'cancelling numbers': Array.from({ length: 4000 }, (_, i) => (i % 2 === 0 ? 1 : -1) * (1 + (i >> 1) / 64)),
  'far from zero': Array.from({ length: 5000 }, (_, i) => 60000 + (i % 5) / 32),
}

/** Special values in every float dtype, as they are and skipping NaN, in one piece and over many blocks. */
export async function checkSpecials(
  kernel: unknown,
  define: Define,
  inputs = 1,
  more: ReduceOptions = {},
): Promise<void> {
  for (const dtype of dtypes.filter(isFloat)) {
    for (const [name, list] of Object.entries(lists)) {
      const samples = (count: number): Sample[] =>
        Array.from({ length: inputs }, (_, k) =>
          special(`${dtype} ${name}`, dtype, k === 0 ? list : list.toReversed(), count),
        )
      const options = [more, { ...more, skipNaN: true }]
      await checkKernel(kernel, [
        ...options.map((each) => reduce(define, dtype, samples(1), each)),
        ...options.map((each) => reduce(define, dtype, samples(Math.ceil(40_000 / list.length)), each)),
      ])
    }
  }
}

function special(name: string, dtype: TestDType, list: readonly number[], times: number): Sample {
  const input = new (classOf(dtype))(list.length * times)
  for (let i = 0; i < times; i++) input.set(list as never, i * list.length)
  return { name: `${name}, ${times} times`, input, shape: [input.length], values: input }
}

/** Any n-d array as a sample. */
export function sampleOf(input: Strided): Sample {
  return { name: `${input.data.constructor.name} [${input.shape}]`, input, shape: input.shape, values: gather(input) }
}
