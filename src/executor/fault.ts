// Errors on their way between threads and processes: structured clone loses their class, code, own properties and what
// an AggregateError holds, so they travel as data and are made again.
import { describe, OffloopError } from '../errors.ts'

interface FaultOfError {
  readonly kind: 'error'
  /** The nearest built-in class. */
  readonly base: string
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  /** Own properties, cause among them. */
  readonly properties: readonly (readonly [key: string, enumerable: boolean, value: Fault])[]
}

/** A thrown value as data. */
export type Fault =
  | FaultOfError
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'list'; readonly values: readonly Fault[] }
  | { readonly kind: 'seen'; readonly index: number }

const builtIn = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
  AggregateError,
} as Readonly<Record<string, new (message?: string) => Error>>

const deepest = 32

/** A thrown value as data that any channel carries. */
export function packFault(thrown: unknown): Fault {
  return pack(thrown, [], 0)
}

function pack(value: unknown, seen: object[], depth: number): Fault {
  if (!(value instanceof Error) && !isErrorLike(value)) return packValue(value, seen, depth)
  const known = seen.indexOf(value)
  if (known !== -1) return { kind: 'seen', index: known }
  if (depth > deepest) return { kind: 'value', value: describe(value) }
  seen.push(value)
  const error = value as Error
  const properties: [string, boolean, Fault][] = []
  for (const key of Object.getOwnPropertyNames(error)) {
    if (key === 'message' || key === 'stack') continue
    const property = Object.getOwnPropertyDescriptor(error, key) as PropertyDescriptor
    properties.push([key, property.enumerable === true, pack(readProperty(error, key), seen, depth + 1)])
  }
  return {
    kind: 'error',
    base: baseOf(error),
    name: text(readProperty(error, 'name')),
    message: text(readProperty(error, 'message')),
    stack: stackOf(error),
    properties,
  }
}

function packValue(value: unknown, seen: object[], depth: number): Fault {
  if (Array.isArray(value) && value.some((entry) => entry instanceof Error)) {
    return { kind: 'list', values: value.map((entry) => pack(entry, seen, depth + 1)) }
  }
  try {
    return { kind: 'value', value: structuredClone(value) }
  } catch {
    return { kind: 'value', value: describe(value) }
  }
}

/** The value that was thrown, or one as near to it as can be. */
export function unpackFault(fault: Fault): unknown {
  return unpack(fault, [])
}

function unpack(fault: Fault, made: unknown[]): unknown {
  if (fault.kind === 'value') return fault.value
  if (fault.kind === 'seen') return made[fault.index]
  if (fault.kind === 'list') return fault.values.map((entry) => unpack(entry, made))
  const error = create(fault)
  made.push(error)
  if (fault.stack !== undefined) hide(error, 'stack', fault.stack)
  for (const [key, enumerable, value] of fault.properties) {
    // DOMException has `code` and its kin on the prototype.
    if (fault.base === 'DOMException' && key in error) continue
    Object.defineProperty(error, key, { value: unpack(value, made), enumerable, configurable: true, writable: true })
  }
  if (error.name !== fault.name) hide(error, 'name', fault.name)
  return error
}

function create({ base, name, message, properties }: FaultOfError): Error {
  if (base === 'DOMException') return new DOMException(message, name)
  if (base === 'OffloopError') {
    const code = properties.find(([key]) => key === 'code')?.[2]
    return new OffloopError((code?.kind === 'value' ? code.value : undefined) as OffloopError['code'], message)
  }
  if (base === 'AggregateError') return new AggregateError([], message)
  return new builtIn[base](message)
}

function hide(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, { value, enumerable: false, configurable: true, writable: true })
}

// Errors of another realm, such as those of vm contexts and of test runners, are not instances of ours.
function isErrorLike(value: unknown): value is object {
  return Object.prototype.toString.call(value) === '[object Error]' || value instanceof DOMException
}

function baseOf(error: Error): string {
  if (error instanceof DOMException) return 'DOMException'
  if (error instanceof OffloopError) return 'OffloopError'
  for (let at: object | null = error; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    const { name } = ((at as { constructor?: { name?: string } }).constructor ?? {}) as { name?: string }
    if (typeof name === 'string' && Object.hasOwn(builtIn, name)) return name
  }
  return 'Error'
}

// A getter or a proxy that throws must not hide what was thrown.
function readProperty(of: object, key: string): unknown {
  try {
    return (of as Record<string, unknown>)[key]
  } catch (error) {
    return `threw ${describe(error)}`
  }
}

function stackOf(error: Error): string | undefined {
  const stack = readProperty(error, 'stack')
  return typeof stack === 'string' ? stack : undefined
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : describe(value)
}
