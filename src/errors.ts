import { inspect } from 'node:util'

/** Every error of offloop that is neither misuse nor asked for by the caller. Match `error.code`. */
export class OffloopError extends Error {
  /** Which of them: docs/errors.md explains each. */
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }

  static {
    Object.defineProperty(this.prototype, 'name', { value: 'OffloopError', configurable: true, writable: true })
  }
}

type Kind = 'TypeError' | 'RangeError' | 'OffloopError'

/** The one table of coded errors: docs/errors.md lists the same, and a test holds them together. */
export const errorTable = {
  ERR_OFFLOOP_BACKEND: ['OffloopError', "The '%0' backend can't do this: %1"],
  ERR_OFFLOOP_BROKEN_BARRIER: ['OffloopError', '%0 is broken: %1'],
  ERR_OFFLOOP_CLOSED: ['OffloopError', '%0 is closed and takes no more work'],
  ERR_OFFLOOP_DEADLOCK: ['OffloopError', 'This wait would never end: %0'],
  ERR_OFFLOOP_COLLECTIVE: ['OffloopError', "The ranks of a communicator don't meet: %0"],
  ERR_OFFLOOP_DETACHED: [
    'TypeError',
    'The memory of `%0` is gone: its buffer was detached (transferred, cloned with a transfer list, or resized)',
  ],
  ERR_OFFLOOP_FULL: ['OffloopError', '%0 is full: it has %1 entries, which is its `capacity`'],
  ERR_OFFLOOP_FUNCTION: ['TypeError', "The function `%0` can't run in a worker: %1"],
  ERR_OFFLOOP_INTERNAL: ['OffloopError', 'offloop broke a promise to itself: %0. Please report this'],
  ERR_OFFLOOP_MAIN_THREAD: [
    'OffloopError',
    'On the main thread `%0` would block the event loop: await `%1`, or call it in a worker',
  ],
  ERR_OFFLOOP_MEMORY: ['RangeError', 'Not enough memory for the result or the working space of %0'],
  ERR_OFFLOOP_MODULE: ['OffloopError', "A worker can't use %0: %1"],
  ERR_OFFLOOP_NOT_HELD: ['OffloopError', '%0 is not held by who wants to release it'],
  ERR_OFFLOOP_OVER_RELEASE: [
    'OffloopError',
    '%0 has been released more often than acquired: its value would be over %1',
  ],
  ERR_OFFLOOP_QUEUE_FULL: ['OffloopError', '%0 has %1 %2 waiting, which is its `%3`'],
  ERR_OFFLOOP_STATE: ['OffloopError', "%0 can't %1: %2"],
  ERR_OFFLOOP_WORKER_DIED: ['OffloopError', 'A worker of offloop died: %0'],
  ERR_OFFLOOP_WORKER_START: ['OffloopError', "A worker of offloop can't start: %0"],
} as const satisfies Record<string, readonly [Kind, string]>

/**
 * The codes of errors.
 * @useDeclaredType
 */
export type ErrorCode = keyof typeof errorTable

/** Makes the error of a code, with %0, %1 filled in. */
export function codedError(code: ErrorCode, values: readonly string[] = [], options?: ErrorOptions): Error {
  const [kind, template] = errorTable[code]
  const message = template.replace(/%(\d)/g, (_, index: string) => values[Number(index)] ?? '')
  if (kind === 'OffloopError') return new OffloopError(code, message, options)
  const error = kind === 'TypeError' ? new TypeError(message, options) : new RangeError(message, options)
  return Object.assign(error, { code })
}

/** A value in a message: ``got `0` (number)``. Runs no getter, no proxy trap and no custom inspector. */
export function describe(value: unknown): string {
  const text = inspect(value, {
    depth: 0,
    breakLength: Infinity,
    maxArrayLength: 4,
    maxStringLength: 40,
    customInspect: false,
    showProxy: true,
  })
  return `\`${text.length > 80 ? `${text.slice(0, 77)}...` : text}\` (${kindOf(value)})`
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  return typeof value
}

/** ``Expected `name` to be what, got `value` (type)`` as a TypeError. */
export function typeMisuse(name: string, what: string, got: unknown): TypeError {
  return new TypeError(`Expected \`${name}\` to be ${what}, got ${describe(got)}`)
}

/** The same as a RangeError: right type, wrong value. */
export function rangeMisuse(name: string, what: string, got: unknown): RangeError {
  return new RangeError(`Expected \`${name}\` to be ${what}, got ${describe(got)}`)
}

/** What a task rejects with when it is cancelled without a reason. */
export function abortError(): DOMException {
  return new DOMException('This operation was aborted', 'AbortError')
}

/** What the others of a group are cancelled with when one of them fails: an AbortError whose `cause` is its error. */
export function abortErrorOf(cause: unknown): DOMException {
  return Object.defineProperty(abortError(), 'cause', { value: cause, configurable: true, writable: true })
}

/** What a task rejects with when its `timeout` runs out. */
export function timeoutError(milliseconds: number): DOMException {
  return new DOMException(`The operation took longer than its timeout of ${milliseconds} ms`, 'TimeoutError')
}
