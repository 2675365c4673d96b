import type { NDArray, TypedArray } from 'offloop'

/** One number or BigInt. */
export type Value = number | bigint

/** What the tests know of a view, without the code under test. */
export interface Strided {
  readonly data: TypedArray
  readonly shape: readonly number[]
  readonly strides: readonly number[]
  readonly offset: number
}

/** An input, and what it holds in row-major order. */
export interface Sample {
  readonly name: string
  readonly input: TypedArray | Strided | NDArray
  readonly shape: readonly number[]
  readonly values: ArrayLike<Value>
}

type ArrayClass = {
  new (length: number): TypedArray
  new (buffer: ArrayBufferLike, at: number, length: number): TypedArray
}

const classes = {
  float64: Float64Array,
  float32: Float32Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  uint8clamped: Uint8ClampedArray,
  bigint64: BigInt64Array,
  biguint64: BigUint64Array,
} as const

export type TestDType = keyof typeof classes | 'float16'

const { Float16Array } = globalThis as { Float16Array?: unknown }

/** Every dtype that this runtime has an array class for. */
export const dtypes: readonly TestDType[] = [
  ...(Object.keys(classes) as TestDType[]),
  ...(Float16Array === undefined ? [] : (['float16'] as const)),
]

export function classOf(dtype: TestDType): ArrayClass {
  return (dtype === 'float16' ? Float16Array : classes[dtype]) as unknown as ArrayClass
}

export const isBig = (dtype: TestDType): boolean => dtype.startsWith('big')
export const isFloat = (dtype: TestDType): boolean => dtype.startsWith('float')

/** Row-major strides. */
export function rowMajor(shape: readonly number[]): number[] {
  return shape.map((_, axis) => shape.slice(axis + 1).reduce((size, extent) => size * extent, 1))
}

/** The elements in row-major order. */
export function gather({ data, shape, strides, offset }: Strided): TypedArray {
  const values = new (data.constructor as ArrayClass)(shape.reduce((product, extent) => product * extent, 1))
  let count = 0
  const take = (axis: number, at: number): void => {
    if (axis === shape.length) {
      values[count++] = data[at] as never
      return
    }
    for (let i = 0; i < shape[axis]; i++) take(axis + 1, at + i * strides[axis])
  }
  take(0, offset)
  return values
}

/** A result as a list of values: numbers, BigInts, typed arrays, NDArrays, and lists and objects of them. */
export function flatten(result: unknown): ArrayLike<Value> {
  if (typeof result === 'number' || typeof result === 'bigint') return [result]
  if (ArrayBuffer.isView(result)) return result as TypedArray
  if (isStrided(result)) {
    const { data, shape, strides, offset } = result
    const size = shape.reduce((product, extent) => product * extent, 1)
    const flat =
      offset === 0 && size === data.length && rowMajor(shape).every((stride, axis) => stride === strides[axis])
    return flat ? data : gather(result)
  }
  const all: Value[] = []
  for (const part of Object.values(result as object)) {
    const values = flatten(part)
    for (let i = 0; i < values.length; i++) all.push(values[i])
  }
  return all
}

export function isStrided(value: unknown): value is Strided {
  return typeof value === 'object' && value !== null && 'data' in value && 'strides' in value
}

/** Pseudo-random whole numbers below 2^32 (Marsaglia's xorshift, 2003), the same in every run. */
export function random(seed: number): () => number {
  let state = seed * 2654435761 + 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
}

/** Fills an array with values over all of its range; floats over many magnitudes and both signs. */
export function fill<A extends TypedArray>(array: A, dtype: TestDType, seed = 1): A {
  const next = random(seed)
  if (isBig(dtype)) {
    const halves = new Uint32Array(array.buffer, array.byteOffset, 2 * array.length)
    for (let i = 0; i < halves.length; i++) halves[i] = next()
  } else if (isFloat(dtype)) {
    for (let i = 0; i < array.length; i++) array[i] = (next() / 2 ** 31 - 1) * 2 ** ((next() % 12) - 6)
  } else {
    const most = dtype === 'uint8clamped' ? 256 : 2 ** 32
    for (let i = 0; i < array.length; i++) array[i] = next() % most
  }
  return array
}

/** A bare typed array of `length` values, `skip` elements into a longer buffer, so that it is aligned to no more. */
export function plain(dtype: TestDType, length: number, skip = 0, shared = false, seed = length + 1): Sample {
  const Class = classOf(dtype)
  const { BYTES_PER_ELEMENT: bytes } = new Class(0)
  const buffer = shared ? new SharedArrayBuffer((length + skip) * bytes) : new ArrayBuffer((length + skip) * bytes)
  const input = fill(new Class(buffer, skip * bytes, length), dtype, seed)
  const where = `${skip === 0 ? '' : ` from element ${skip}`}${shared ? ', shared' : ''}`
  return { name: `${dtype}[${length}]${where}`, input, shape: [length], values: input }
}

/** Around nothing, every vector width, and the block size; odd ones. */
export const sizes = [
  0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 129, 1000, 16383, 16384, 16385, 50001,
] as const

/** The ways to name an axis of a sample, or none; of large ones each axis once. */
export function axesOf({ shape, values }: Sample): (number | undefined)[] {
  const axes = [...shape.keys()]
  return values.length > 10_000 ? axes : [undefined, ...axes, ...axes.map((axis) => axis - shape.length)]
}

/** n-d views of one dtype: contiguous, transposed, with gaps, backwards, repeated, empty, of no axes. */
export function views(dtype: TestDType): Sample[] {
  const of = (name: string, shape: number[], strides: number[], offset = 0, length?: number): Sample => {
    const reach = shape.reduce((end, extent, axis) => end + Math.max(strides[axis] * (extent - 1), 0), offset)
    const data = fill(new (classOf(dtype))(length ?? reach + 1), dtype, shape.length + reach + 1)
    const input = { data, shape, strides, offset }
    return { name: `${dtype} ${name} [${shape}]`, input, shape, values: gather(input) }
  }
  return [
    of('rows', [37, 53], [53, 1]),
    of('transposed', [53, 37], [1, 53]),
    of('rows with gaps', [19, 33], [40, 1], 3),
    of('every third column', [19, 11], [33, 3], 2),
    of('columns of one', [65, 1], [1, 1]),
    of('backwards', [9, 17], [-17, -1], 9 * 17 - 1),
    of('rows backwards', [9, 17], [-17, 1], 8 * 17),
    of('one row again and again', [6, 31], [0, 1]),
    of('one column again and again', [31, 6], [1, 0]),
    of('one element', [4, 5], [0, 0], 7),
    of('line with gaps', [1001], [3], 1),
    of('line backwards', [1001], [-1], 1000),
    of('three axes', [5, 7, 11], [77, 11, 1]),
    of('three axes, turned', [11, 5, 7], [1, 77, 11]),
    of('four axes', [3, 4, 2, 5], [50, 12, 6, 1]),
    of('tall', [16411, 3], [3, 1]),
    of('empty', [0, 3], [3, 1], 0, 0),
    of('empty lines', [3, 0], [0, 1], 0, 0),
    of('no axes', [], [], 2),
    // Over a block each way, as 'tall' is: one dtype of each size and kind has them all.
    ...(['float64', 'float32', 'int16', 'uint8', 'bigint64'].includes(dtype)
      ? [of('wide', [2, 16411], [16411, 1]), of('tall, turned', [3, 16411], [1, 3])]
      : []),
  ]
}
