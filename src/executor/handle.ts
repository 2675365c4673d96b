import * as path from 'node:path'
import type { TransferListItem } from 'node:worker_threads'

/** What makes an object a handle: it stands for something elsewhere, and arrives over there as what it is. */
export const packKey: unique symbol = Symbol('offloop.pack')

/** The modules that bring handles back: no other is loaded for one. */
const handleModules: ReadonlySet<string> = new Set(['actors/arrive.js'])

/** How a handle travels. */
export interface PackedHandle {
  readonly '@offloop': 'traveller'
  /** The module of offloop that brings it back, by its path in dist: it has a function `unpack`. */
  readonly module: string
  readonly data: unknown
}

export interface Handle {
  /** What it is called in errors: 'an actor'. */
  readonly [packKey]: HandleKind
}

export interface HandleKind {
  readonly what: string
  readonly module: string
  /** Its data for another thread, and what moves there with them. */
  pack(handle: object): { readonly data: unknown; readonly transfer: readonly TransferListItem[] }
}

export function kindOf(value: object): HandleKind | undefined {
  return (value as Partial<Handle>)[packKey]
}

/** Brings it back. Modules are loaded when the first of their handles arrives. */
export function unpackHandle({ module, data }: PackedHandle): unknown {
  // What looks like a handle may be a caller's own data, and come from anywhere.
  if (!handleModules.has(module)) throw new TypeError('Expected a handle of offloop, got data that look like one')
  return (require(path.join(__dirname, '..', module)) as { unpack(data: unknown): unknown }).unpack(data)
}
