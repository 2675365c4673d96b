import * as path from 'node:path'
import { pathToFileURL } from 'node:url'

import { codedError, typeMisuse } from '../errors.ts'
import { shipExport } from './ship.ts'

/** @inline */
type AnyFunction = (...args: never[]) => unknown
/** @inline */
type AnyClass = abstract new (...args: never[]) => unknown

/** The functions that a module exports, to be given to a pool, and its classes, to `spawn`; each typed as it is. */
export type Tasks<M> = { readonly [K in keyof M as M[K] extends AnyFunction | AnyClass ? K : never]: M[K] }

/**
 * Names the exports of a module for workers, which import it when the first of them is called there. Nothing is loaded
 * here. ESM, CommonJS, and TypeScript where the runtime can load it.
 *
 * @param module A file: URL, `new URL('./work.js', import.meta.url)`, or an absolute path.
 * @example
 * const work = importTasks<typeof import('./work.js')>(new URL('./work.js', import.meta.url))
 * await pool.submit(work.resize, 1)
 */
export function importTasks<M>(module: URL | string): Tasks<M> {
  const href = readModule(module)
  const handles = new Map<string, Function>()
  return new Proxy(Object.create(null) as Tasks<M>, {
    get(_, name) {
      // What `await`, inspection and JSON ask of any object.
      if (typeof name === 'symbol' || name === 'then' || name === 'toJSON') return undefined
      let handle = handles.get(name)
      if (handle === undefined) {
        handle = makeHandle(href, name)
        handles.set(name, handle)
      }
      return handle
    },
    has: (_, name) => typeof name === 'string' && name !== 'then',
  })
}

function makeHandle(href: string, name: string): Function {
  const handle = () => {
    const why = 'it stands for an export of a module that only workers load; give it to `submit`, `run` or `map`'
    throw codedError('ERR_OFFLOOP_FUNCTION', [name, why])
  }
  Object.defineProperty(handle, 'name', { value: name })
  shipExport(handle, href, name)
  return handle
}

function readModule(module: unknown): string {
  if (module instanceof URL) return module.href
  const what = "a URL or an absolute path, such as new URL('./work.js', import.meta.url)"
  if (typeof module !== 'string') throw typeMisuse('module', what, module)
  if (/^(file|data|node):/.test(module)) return module
  if (!path.isAbsolute(module)) throw typeMisuse('module', what, module)
  return pathToFileURL(module).href
}
