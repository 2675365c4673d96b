// Shipped classes become classes again, where the actor lives.
import * as path from 'node:path'

import { compileSource, load } from '../executor/load.ts'
import type { ShippedClass } from './messages.ts'
import { superName } from './ship-class.ts'

export type AnyClass = new (...args: unknown[]) => object

/** Each actor has a class of its own, static members included, unless it comes from a module. */
export function loadClass(shipped: ShippedClass): AnyClass | Promise<AnyClass> {
  if (shipped.kind === 'export') return load(shipped.shipped) as unknown as AnyClass | Promise<AnyClass>
  if (shipped.kind === 'actor') {
    // Here alone: that module makes actors, and stands above this one.
    return (require(path.join(__dirname, 'actor.js')) as { Actor: AnyClass }).Actor
  }
  const { name, source, supplied, base } = shipped
  const make = (parent: AnyClass | undefined): AnyClass => {
    const given = parent === undefined ? [] : ([[superName, parent]] as const)
    return compileSource(name, source, supplied, true, given) as AnyClass
  }
  if (base === undefined) return make(undefined)
  const parent = loadClass(base)
  return parent instanceof Promise ? parent.then(make) : make(parent)
}
