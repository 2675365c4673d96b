/** Element types, in the order of `DType` in native/base/view.h: the index crosses to the native side. */
export const dtypes = [
  'int8',
  'uint8',
  'uint8clamped',
  'int16',
  'uint16',
  'int32',
  'uint32',
  'float32',
  'float64',
  'bigint64',
  'biguint64',
  'float16',
] as const

/**
 * Element types of arrays, by name.
 * @useDeclaredType
 */
export type DType = (typeof dtypes)[number]

/** The place of each in that order. */
export const dtypeNumbers = Object.fromEntries(dtypes.map((dtype, i) => [dtype, i])) as Readonly<Record<DType, number>>

/** Every typed array whose elements are numbers. `Float16Array` joins where the runtime has it. */
export type NumberArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array

/** Every typed array whose elements are bigints. */
export type BigIntArray = BigInt64Array | BigUint64Array

/** Every typed array. */
export type TypedArray = NumberArray | BigIntArray

/** An n-d view over a typed array: strides and offset in elements, row-major when strides are left out. */
export interface ViewLike<A extends TypedArray = TypedArray> {
  /** The typed array. */
  readonly data: A
  /** The extent of each axis. */
  readonly shape: readonly number[]
  /**
   * For each axis, how many elements of `data` lie between neighbours.
   * @default row-major
   */
  readonly strides?: readonly number[]
  /**
   * The index in `data` of the first element.
   * @default 0
   */
  readonly offset?: number
}

/** What kernels and backends work with: a ViewLike with everything filled in and checked. Plain data. */
export interface View<A extends TypedArray = TypedArray> {
  /** For float16 a Uint16Array of the bits, whatever the caller gave. */
  readonly data: A
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly strides: readonly number[]
  /** Index in `data` of element [0, 0, ...]. */
  readonly offset: number
}
