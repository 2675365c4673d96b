// Shipped functions become functions again, in the worker.
import { createRequire } from 'node:module'
import * as path from 'node:path'
import { pathToFileURL } from 'node:url'
import * as vm from 'node:vm'

import { codedError } from '../errors.ts'
import type { ShippedFunction } from './messages.ts'
import { importName, viteImport } from './names.ts'
import type { AnyFunction } from './verbs.ts'

/** The function, or a promise of one that a module exports. */
export function load(shipped: ShippedFunction): AnyFunction | Promise<AnyFunction> {
  return shipped.module === undefined ? compile(shipped) : importExport(shipped.module, shipped.export as string)
}

function compile(shipped: ShippedFunction): AnyFunction {
  if (shipped.strict !== true) return compileAs(shipped, false)
  try {
    return compileAs(shipped, true)
  } catch (error) {
    // An arrow function does not tell that it is sloppy, but that it can't be strict.
    if (!(error instanceof SyntaxError)) throw error
    return compileAs(shipped, false)
  }
}

function compileAs({ name, source, supplied = [] }: ShippedFunction, strict: boolean): AnyFunction {
  return compileSource(name, source as string, supplied, strict, []) as AnyFunction
}

/** The value of a source, which sees what is supplied and what is given. */
export function compileSource(
  name: string,
  source: string,
  supplied: readonly string[],
  strict: boolean,
  given: readonly (readonly [name: string, value: unknown])[],
): unknown {
  const before = strict ? "'use strict';return (" : 'return ('
  const names = [...supplied, ...given.map(([each]) => each)]
  const make = vm.compileFunction(`${before}${source}\n)`, names, {
    filename: `offloop:${name}`,
    // Positions are those in the source.
    columnOffset: -before.length,
  }) as (...values: unknown[]) => unknown
  return make(...supplied.map(supply), ...given.map(([, value]) => value))
}

function supply(name: string): unknown {
  if (name === 'require') return requireHere
  if (name === importName || name === viteImport) return importHere
  // esbuild's, which keeps names.
  if (name === '__name')
    return (fn: Function, value: string) => Object.defineProperty(fn, 'name', { value, configurable: true })
  // Istanbul's counters: anything goes, and nothing comes of it.
  return () => counters
}

const counters: unknown = new Proxy(
  {},
  { get: (_, key) => (key === Symbol.toPrimitive ? () => 0 : counters), set: () => true },
)

/** Modules are looked for from the working directory, and offloop is this one. */
const requireThere = createRequire(path.join(process.cwd(), 'offloop'))
const offloop = path.join(__dirname, '..', 'index.js')

function requireHere(specifier: string): unknown {
  return requireThere(specifier === 'offloop' ? offloop : specifier)
}

async function importHere(specifier: string, options?: ImportCallOptions): Promise<unknown> {
  if (specifier === 'offloop') return import(pathToFileURL(offloop.replace(/js$/, 'mjs')).href)
  if (/^(node|data|file):/.test(specifier)) return import(specifier, options)
  let found: string
  try {
    found = requireThere.resolve(specifier)
  } catch {
    // Packages for `import` alone.
    return import(specifier, options)
  }
  return import(path.isAbsolute(found) ? pathToFileURL(found).href : found, options)
}

async function importExport(module: string, name: string): Promise<AnyFunction> {
  let exports: Record<string, unknown>
  try {
    exports = (await import(module)) as Record<string, unknown>
  } catch (cause) {
    throw codedError('ERR_OFFLOOP_MODULE', [module, cause instanceof Error ? cause.message : String(cause)], { cause })
  }
  // Names of CommonJS exports can't always be told without running the module.
  const inner = exports['default'] as Record<string, unknown> | undefined
  const found = exports[name] ?? inner?.[name]
  if (typeof found === 'function') return found as AnyFunction
  const all = { ...inner, ...exports }
  const functions = Object.keys(all).filter((key) => typeof all[key] === 'function')
  const has = functions.length > 0 ? `it exports ${functions.join(', ')}` : 'it exports no function'
  throw codedError('ERR_OFFLOOP_MODULE', [module, `no function named '${name}'; ${has}`])
}
