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

export type BigIntArray = BigInt64Array | BigUint64Array

export type TypedArray = NumberArray | BigIntArray

/** An n-d view over a typed array: strides and offset in elements, row-major when strides are left out. */
export interface ViewLike<A extends TypedArray = TypedArray> {
  readonly data: A
  readonly shape: readonly number[]
  readonly strides?: readonly number[]
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
