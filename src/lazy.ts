/**
 * A module that is loaded when it is first asked for: what few programs use must not cost all of them their start.
 * @example
 * import type * as Acorn from 'acorn'
 * const acorn = lazy(() => require('acorn') as typeof Acorn)
 * acorn().parse(text)
 */
export function lazy<T>(load: () => T): () => T {
  let loaded: T | undefined
  return () => (loaded ??= load())
}
