import { classOf, fill, isBig, isFloat, isStrided, plain, random, rowMajor } from './views.ts'
import type { Sample, TestDType, Value } from './views.ts'
import type { TypedArray } from 'offloop'

/** The order of sort, from the definition: -0 before +0, NaN last whichever way round. */
export function compare(a: Value, b: Value, descending = false): number {
  const [noA, noB] = [Number.isNaN(a), Number.isNaN(b)]
  if (noA || noB) return noA === noB ? 0 : noA ? 1 : -1
  const side = a < b ? -1 : a > b ? 1 : zeroOf(a) - zeroOf(b)
  return descending ? -side : side
}

function zeroOf(value: Value): number {
  return Object.is(value, -0) ? 0 : 1
}

/** Whether two elements are one value: zeros are, NaNs are. */
export function isSame(a: Value, b: Value): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b))
}

/** Indices in order, equals as they are. */
export function orderOf(values: ArrayLike<Value>, descending = false): number[] {
  const indices = Array.from({ length: values.length }, (_, i) => i)
  const less = descending ? 1 : -1
  return indices.toSorted((i, j) => {
    const [a, b] = [values[i], values[j]]
    return a < b ? less : a > b ? -less : a === b && a !== 0 ? i - j : compare(a, b, descending) || i - j
  })
}

/** What `line` makes of every line along an axis, in place: lines of the same length come back. */
export function alongAxis(
  { shape, values }: Pick<Sample, 'shape' | 'values'>,
  axis: number,
  line: (values: Value[]) => ArrayLike<Value>,
): Value[] {
  if (shape.length === 0) return Array.from(line([values[0]]))
  const along = axis < 0 ? axis + shape.length : axis
  const step = rowMajor(shape)[along]
  const result = Array<Value>(values.length)
  for (let start = 0; start < values.length; start++) {
    if (Math.floor(start / step) % shape[along] !== 0) continue
    const made = line(Array.from({ length: shape[along] }, (_, i) => values[start + i * step]))
    for (let i = 0; i < made.length; i++) result[start + i * step] = made[i]
  }
  return result
}

/** The shape that an n-d result has; of a typed array none. */
export function shapeOf({ input, shape }: Sample): readonly number[] | undefined {
  return isStrided(input) ? shape : undefined
}

/** A sample of the values that `make` gives, as far as the dtype can hold them. */
export function sampleOf(dtype: TestDType, name: string, length: number, make: (i: number) => number): Sample {
  const input = new (classOf(dtype))(length)
  for (let i = 0; i < length; i++) input[i] = (isBig(dtype) ? BigInt(Math.trunc(make(i))) : make(i)) as never
  return { name: `${dtype}[${length}] ${name}`, input, shape: [length], values: input }
}

/** What sorting and selecting tend to be slow or wrong at. */
export function patterns(dtype: TestDType, length: number): Sample[] {
  const next = random(length)
  const of = (name: string, make: (i: number) => number) => sampleOf(dtype, name, length, make)
  const noise = fill(new (classOf(dtype))(length), dtype, length)
  const given = (name: string, input: TypedArray) => ({ ...of(name, () => 0), input, values: input })
  return [
    given('noise', noise),
    given('in order', noise.toSorted()),
    given('in reverse', noise.toSorted().toReversed()),
    of('all equal', () => 7),
    of('two values', () => next() % 2),
    of('few values', () => next() % 5),
    of('in order but for the end', (i) => (i === length - 1 ? 0 : (i * 200) / length)),
    of('one value in a sea', (i) => (i === length >> 1 ? 1 : 0)),
    of('fractions', () => next() / 2 ** 32),
    of('two narrow clusters, far apart', () => (next() % 2 === 0 ? 1e15 : -1e15) + (next() % 1000) / 8),
    of('a narrow cluster and a value far away', (i) => (i === length >> 1 ? -(2 ** 60) : 1e10 + next() / 2 ** 32)),
    of('few values with all bits', () => Math.sqrt(2 + (next() % 50))),
    ...(isFloat(dtype)
      ? [
          of('zeros, NaN and ones', () => [0, -0, NaN, 1, -1][next() % 5]),
          of('mostly NaN', () => (next() % 10 === 0 ? next() : NaN)),
          of('infinities and denormals', () => [Infinity, -Infinity, 2 ** -149, -(2 ** -1074), 0][next() % 5]),
        ]
      : []),
  ]
}

/** The longest line that one block does whole, and one that takes all the phases. */
export const longest = 131_072

/** Long lines of every kind. */
export function longSamples(dtype: TestDType): Sample[] {
  const kinds = /noise|in order|few values|clusters|zeros/
  return [plain(dtype, longest), ...patterns(dtype, longest + 1).filter(({ name }) => kinds.test(name))]
}

/** Fewer than `sizes`, for kernels whose lines all go the same way. */
export const fewSizes = [0, 1, 2, 3, 7, 8, 17, 64, 129, 1000, 4097, 16385] as const

export { plain }
