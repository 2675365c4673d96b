import { rangeMisuse, typeMisuse } from './errors.ts'

/** An integer within [low, high]; the wrong type is a TypeError, the wrong value a RangeError. */
export function checkInteger(name: string, value: unknown, low: number, high: number): number {
  if (isInteger(value, low, high)) return value
  const what = high === Number.MAX_SAFE_INTEGER ? `an integer from ${low} and up` : `an integer from ${low} to ${high}`
  throw typeof value === 'number' ? rangeMisuse(name, what, value) : typeMisuse(name, what, value)
}

/** Whether checkInteger() would take it; for where the name of what is checked costs more than the check. */
export function isInteger(value: unknown, low: number, high: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= low && (value as number) <= high
}

/** A finite number. */
export function checkFinite(name: string, value: unknown): number {
  if (typeof value !== 'number') throw typeMisuse(name, 'a finite number', value)
  if (!Number.isFinite(value)) throw rangeMisuse(name, 'a finite number', value)
  return value
}

/** A number from `low` up, Infinity allowed. */
export function checkAtLeast(name: string, value: unknown, low: number): number {
  if (typeof value !== 'number') throw typeMisuse(name, `a number from ${low} and up`, value)
  if (!(value >= low)) throw rangeMisuse(name, `a number from ${low} and up`, value)
  return value
}

export function checkBoolean(name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw typeMisuse(name, 'a boolean', value)
  return value
}

export function checkFunction(name: string, value: unknown): (...args: never[]) => unknown {
  if (typeof value !== 'function') throw typeMisuse(name, 'a function', value)
  return value as (...args: never[]) => unknown
}

/** One of a few words. */
export function checkWord<const W extends string>(name: string, value: unknown, words: readonly W[]): W {
  if (words.includes(value as W)) return value as W
  const what = `one of ${words.map((word) => `'${word}'`).join(', ')}`
  throw typeof value === 'string' ? rangeMisuse(name, what, value) : typeMisuse(name, what, value)
}

/** Array.isArray, which a revoked proxy makes throw. */
export function isList(value: unknown): value is unknown[] {
  return !isRevoked(value) && Array.isArray(value)
}

/** Whether a value is a proxy that can be asked nothing any more. */
export function isRevoked(value: unknown): boolean {
  try {
    Array.isArray(value)
    return false
  } catch {
    return true
  }
}

/** An option that is off unless it is given. */
export function checkFlag(name: string, value: unknown): boolean {
  return value === undefined ? false : checkBoolean(name, value)
}

/** The object that options are read from. */
export function checkOptions<T extends object>(options: T): T {
  if (typeof options !== 'object' || options === null) throw typeMisuse('options', 'an object', options)
  return options
}

/** An option that is a string, where it is given. */
export function checkName(name: string, value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return value
  throw typeMisuse(name, 'a string', value)
}
