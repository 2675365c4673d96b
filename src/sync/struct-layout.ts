// Where the fields of a struct are: each at a multiple of its own size, in the order in which they are given.
import { checkInteger } from '../check.ts'
import { rangeMisuse, typeMisuse } from '../errors.ts'
import { elementArrays, elementTypes } from './elements.ts'
import type { ElementArray, ElementOf, ElementType } from './elements.ts'

/** What a field is: a number, a boolean, a string of limited length, or a few numbers. */
export type FieldType =
  | ElementType
  | 'bool'
  /** At most `bytes` of UTF-8. */
  | { readonly type: 'string'; readonly bytes: number }
  /** A typed array over the struct's memory. */
  | { readonly type: ElementType; readonly length: number }

/** The fields of a struct by their names. */
export type StructSchema = Readonly<Record<string, FieldType>>

/** What a field is in JavaScript. */
export type FieldValue<F> = F extends ElementType
  ? ElementOf<F>
  : F extends 'bool'
    ? boolean
    : F extends { readonly type: 'string' }
      ? string
      : F extends { readonly type: infer T extends ElementType; readonly length: number }
        ? ElementArray<T>
        : never

/** A field in its place. */
export type Field =
  | { readonly kind: 'number'; readonly type: ElementType; readonly offset: number }
  | { readonly kind: 'bool'; readonly offset: number }
  | { readonly kind: 'string'; readonly offset: number; readonly bytes: number }
  | { readonly kind: 'array'; readonly type: ElementType; readonly offset: number; readonly length: number }

export interface Layout {
  readonly fields: ReadonlyMap<string, Field>
  /** A multiple of 8. */
  readonly bytes: number
}

/** Words that a string takes beside its two texts: a guard, and a version whose lowest bit says which text counts. */
export const stringWords = { guard: 0, version: 1, texts: 2 } as const

/** Of one text: its length, then its bytes. */
export function textBytes(bytes: number): number {
  return 4 + Math.ceil(bytes / 4) * 4
}

export function layOut(schema: unknown, taken: (name: string) => boolean): Layout {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) {
    throw typeMisuse('fields', 'an object with the type of each field', schema)
  }
  const fields = new Map<string, Field>()
  let end = 0
  const place = (size: number, align: number): number => {
    const offset = Math.ceil(end / align) * align
    end = offset + size
    return offset
  }
  for (const [name, type] of Object.entries(schema)) {
    if (taken(name))
      throw rangeMisuse(`fields.${name}`, 'called otherwise, as every struct has a member of that name', type)
    fields.set(name, placeField(name, type, place))
  }
  if (fields.size === 0) throw rangeMisuse('fields', 'an object with at least one field', schema)
  return { fields, bytes: Math.ceil(end / 8) * 8 }
}

function placeField(name: string, type: unknown, place: (size: number, align: number) => number): Field {
  if (type === 'bool') return { kind: 'bool', offset: place(4, 4) }
  if (isElementType(type)) {
    const { BYTES_PER_ELEMENT: size } = elementArrays[type]
    return { kind: 'number', type, offset: place(size, size) }
  }
  const given = (typeof type === 'object' && type !== null ? type : {}) as Record<string, unknown>
  if (given['type'] === 'string') {
    const bytes = checkInteger(`fields.${name}.bytes`, given['bytes'], 1, 2 ** 24)
    return { kind: 'string', offset: place(stringWords.texts * 4 + 2 * textBytes(bytes), 4), bytes }
  }
  if (isElementType(given['type'])) {
    const length = checkInteger(`fields.${name}.length`, given['length'], 1, 2 ** 24)
    const { BYTES_PER_ELEMENT: size } = elementArrays[given['type']]
    return { kind: 'array', type: given['type'], offset: place(size * length, size), length }
  }
  const what = `one of ${elementTypes.map((one) => `'${one}'`).join(', ')}, 'bool', { type: 'string', bytes } or { type, length }`
  throw typeMisuse(`fields.${name}`, what, type)
}

function isElementType(value: unknown): value is ElementType {
  return typeof value === 'string' && Object.hasOwn(elementArrays, value)
}
