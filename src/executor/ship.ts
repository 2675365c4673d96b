// Functions on their way to workers: inline ones by their source, which may take nothing from outside, and members of
// `importTasks` by module and name. Each is shipped once a worker.

import * as vm from 'node:vm'

import type * as Acorn from 'acorn'
import type { Node } from 'acorn'

import { codedError, typeMisuse } from '../errors.ts'
import { lazy } from '../lazy.ts'
import { freeNames } from './free-names.ts'
import type { ShippedFunction } from './messages.ts'
import { importName, isGlobal, isSupplied } from './names.ts'

/** A function as the main thread knows it, and what calls of it have cost so far. */
export interface Cargo {
  readonly shipped: ShippedFunction
  /** Milliseconds that a call is expected to take; undefined before the first. */
  expectedMs: number | undefined
  /** Milliseconds that most calls take, whatever a few have taken. */
  usualMs: number
}

const acorn = lazy(() => require('acorn') as typeof Acorn)

const cargos = new WeakMap<object, Cargo>()
/** Functions that are made anew for each call have one source, and that is shipped once. The oldest make room. */
const cargosBySource = new Map<string, Cargo>()
const mostSources = 1000
let lastId = 0

/** What is sent of a function; throws where it can't be. */
export function ship(fn: unknown): Cargo {
  if (typeof fn !== 'function') throw typeMisuse('fn', 'a function', fn)
  let cargo = cargos.get(fn)
  if (cargo === undefined) {
    cargo = shipInline(fn)
    cargos.set(fn, cargo)
  }
  return cargo
}

/** Makes `fn` stand for an export of a module. */
export function shipExport(fn: Function, module: string, name: string): void {
  cargos.set(fn, { shipped: { id: ++lastId, name, module, export: name }, expectedMs: undefined, usualMs: 0 })
}

/** Takes a call's time into account: up at once, down slowly, so that what is slow now and then counts as slow. */
export function learn(cargo: Cargo, ms: number): void {
  const { expectedMs, usualMs } = cargo
  cargo.expectedMs = expectedMs === undefined ? ms : expectedMs + (ms - expectedMs) * (ms > expectedMs ? 0.5 : 0.1)
  cargo.usualMs = Math.min(ms, usualMs * 1.5 + 0.001)
}

const sloppyHaveCaller = Object.hasOwn(vm.compileFunction(''), 'caller')

/** Whether a function tells that it is sloppy: ordinary ones do, all others count as strict where that can be. */
function isSloppy(fn: Function): boolean {
  if (sloppyHaveCaller) return Object.hasOwn(fn, 'caller')
  // From Node 26 on, and elsewhere, `caller` is an accessor of all functions, which throws for what is not sloppy.
  if (!Object.hasOwn(fn, 'prototype')) return false
  try {
    Reflect.get(fn, 'caller')
    return true
  } catch {
    return false
  }
}

function shipInline(fn: Function): Cargo {
  const name = typeof fn.name === 'string' && fn.name !== '' ? fn.name : 'anonymous'
  const source = Function.prototype.toString.call(fn)
  const strict = !isSloppy(fn)
  const key = `${strict} ${name} ${source}`
  let cargo = cargosBySource.get(key)
  if (cargo === undefined) {
    cargo = { shipped: { id: ++lastId, name, strict, ...prepare(name, source) }, expectedMs: undefined, usualMs: 0 }
    if (cargosBySource.size === mostSources) cargosBySource.delete(cargosBySource.keys().next().value as string)
    cargosBySource.set(key, cargo)
  }
  return cargo
}

/** The source as it is sent, and what the worker adds to it. */
function prepare(name: string, source: string): Pick<ShippedFunction, 'source' | 'supplied'> {
  if (/\{\s*\[native code\]\s*\}\s*$/.test(source)) {
    throw refuse(name, 'it is native or bound, and has no source; wrap it in a function of its own')
  }
  if (/^class\b/.test(source)) throw refuse(name, 'it is a class; send a function that makes one')
  const tree = parseSource(source)
  if (tree === undefined) throw refuse(name, 'it is a method; write it as `function` or as an arrow function')
  const prepared = finishSource(name, source, tree)
  return { ...prepared, supplied: prepared.supplied.length > 0 ? prepared.supplied : undefined }
}

/** What is sent of a parsed source, and the names that the worker gives to it; `known` are given in another way. */
export function finishSource(name: string, source: string, tree: Node, known: readonly string[] = []) {
  const free = freeNames(tree)
  const supplied = [...free.names].filter((each) => !isGlobal(each) && !known.includes(each))
  const foreign = supplied.filter((each) => !isSupplied(each))
  if (foreign.length > 0) throw captured(name, foreign)
  if (free.imports.length > 0) supplied.push(importName)
  return { source: withImports(source, free.imports), supplied }
}

/** What `importTasks` made it stand for; undefined of others. */
export function shippedExport(fn: Function): ShippedFunction | undefined {
  const shipped = cargos.get(fn)?.shipped
  return shipped?.module === undefined ? undefined : shipped
}

/** A source as an expression; undefined where it is none. */
export function parseSource(source: string) {
  try {
    const text = `(${source}\n)`
    const tree = acorn().parseExpressionAt(text, 0, {
      ecmaVersion: 'latest',
      preserveParens: true,
      // An arrow function in a method may have it.
      allowSuperOutsideMethod: true,
    })
    return tree.end === text.length ? tree : undefined
  } catch {
    return undefined
  }
}

// A function that is compiled from its source has nowhere to import from; the worker's own `import` has.
function withImports(source: string, at: readonly number[]): string {
  let sent = source
  // The tree has a parenthesis before the source.
  for (const start of at) sent = sent.slice(0, start - 1) + importName + sent.slice(start - 1 + importName.length)
  return sent
}

function captured(name: string, names: readonly string[]): Error {
  const list = names.map((free) => `\`${free}\``).join(', ')
  const [first] = names
  const how = /^(import\.meta|arguments|this|super)$/.test(first)
    ? 'pass what it needs as an argument'
    : `pass ${first} as an argument, put it into the pool's \`context\`, or export the function from a module and use importTasks`
  return refuse(name, `it refers to ${list} outside of itself, which a worker does not have; ${how}`)
}

export function refuse(name: string, why: string): Error {
  return codedError('ERR_OFFLOOP_FUNCTION', [name, why])
}
