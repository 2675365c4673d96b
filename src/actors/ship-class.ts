// Classes on their way to workers: by source, with what they extend, or as a member of `importTasks`.
import type { ClassExpression } from 'acorn'

import { typeMisuse } from '../errors.ts'
import { finishSource, parseSource, refuse, shippedExport } from '../executor/ship.ts'
import type { ShippedClass } from './messages.ts'

/** What a source extends, by the name that it is given over there. */
export const superName = '$super'

const known = new WeakMap<Function, ShippedClass>()

/** What is sent of a class; throws where it can't be. `root` is the class Actor, which is there already. */
export function shipClass(Class: unknown, root: Function | undefined): ShippedClass {
  if (typeof Class !== 'function') throw typeMisuse('Class', 'a class', Class)
  let shipped = known.get(Class)
  if (shipped === undefined) {
    shipped = root !== undefined && Class === root ? { kind: 'actor' } : ship(Class, root)
    known.set(Class, shipped)
  }
  return shipped
}

/** Private names that instances have, which only a constructor can give them. */
export function privateNames(Class: Function): string[] {
  const tree = parseClass(Class)
  return (tree?.body.body ?? []).flatMap((member) =>
    member.type !== 'StaticBlock' && member.key.type === 'PrivateIdentifier' && !member.static
      ? [`#${member.key.name}`]
      : [],
  )
}

function ship(Class: Function, root: Function | undefined): ShippedClass {
  const exported = shippedExport(Class)
  if (exported !== undefined) return { kind: 'export', shipped: exported }
  const name = Class.name === '' ? 'anonymous' : Class.name
  const tree = parseClass(Class)
  if (tree === undefined) {
    throw refuse(name, 'it is no class with a source of its own; put it into a module and use importTasks')
  }
  const source = Function.prototype.toString.call(Class)
  const parent = Object.getPrototypeOf(Class) as Function | null
  // What every worker has, such as Map or EventTarget, is there by its own name.
  const isOwn = tree.superClass && parent !== null && parent !== Function.prototype && isSource(parent, root)
  if (!isOwn) return { kind: 'source', name, ...finishSource(name, source, tree), base: undefined }
  const { start, end } = tree.superClass as { start: number; end: number }
  // The tree has a parenthesis before the source.
  const text = `${source.slice(0, start - 1)}${superName}${source.slice(end - 1)}`
  const renamed = parseSource(text)
  if (renamed === undefined) throw refuse(name, 'its source can not be read')
  const prepared = finishSource(name, text, renamed, [superName])
  return { kind: 'source', name, ...prepared, base: shipClass(parent, root) }
}

function isSource(Class: Function, root: Function | undefined): boolean {
  if ((root !== undefined && Class === root) || shippedExport(Class) !== undefined) return true
  return !/\{\s*\[native code\]\s*\}\s*$/.test(Function.prototype.toString.call(Class)) && !isNodes(Class)
}

// Classes of Node have a source, which is of no use elsewhere; globals are there by name.
function isNodes(Class: Function): boolean {
  return (globalThis as unknown as Record<string, unknown>)[Class.name] === Class
}

function parseClass(Class: Function): ClassExpression | undefined {
  const source = Function.prototype.toString.call(Class)
  if (!/^class\b/.test(source)) return undefined
  let tree = parseSource(source) as { type: string; expression?: unknown } | undefined
  while (tree?.type === 'ParenthesizedExpression') tree = tree.expression as typeof tree
  return tree?.type === 'ClassExpression' ? (tree as unknown as ClassExpression) : undefined
}
