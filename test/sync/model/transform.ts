import { parse } from 'acorn'
import type { AnyNode, Function as FunctionNode, Node } from 'acorn'

/**
 * Makes code stop before every atomic operation, so that another thread of a world.ts can go on there: each function
 * becomes a generator, each call `yield* unwrap(call)`, each `Atomics.x` a step. It is the real code that is explored.
 * Constructors and what runs while a module loads can't stop; what they touch is not shared yet.
 *
 * @param getters Names of properties that may be getters of such code.
 */
export function transform(source: string, getters: ReadonlySet<string>): string {
  const tree = parse(source, { ecmaVersion: 'latest', sourceType: 'script', preserveParens: true })
  return new Printer(source, getters).print(tree as AnyNode, false)
}

/** The getters that a module defines. */
export function gettersIn(source: string): string[] {
  return [...source.matchAll(/^\s+get (#?\w+)\(\)/gm)].map(([, name]) => name)
}

/** What calls a function itself, and would never run the generator that it has become. */
const natives = new Set(
  'map flatMap filter some every find findIndex findLast forEach reduce sort toSorted from'.split(' '),
)

class Printer {
  readonly #source: string
  readonly #getters: ReadonlySet<string>
  #codes = 0

  constructor(source: string, getters: ReadonlySet<string>) {
    this.#source = source
    this.#getters = getters
  }

  /** `stops` says whether the code around can yield. */
  print(node: AnyNode, stops: boolean): string {
    switch (node.type) {
      case 'FunctionDeclaration':
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        return this.#function(node)
      case 'MethodDefinition': {
        const key = node.computed ? `[${this.#text(node.key)}]` : this.#text(node.key)
        const head = node.static ? 'static ' : ''
        if (node.kind === 'constructor') return `${key}${this.#signature(node.value)} ${this.#block(node.value, false)}`
        if (node.kind === 'set') return this.#text(node)
        const body = this.#generator(node.value)
        if (node.kind === 'get' && /\bsuper\./.test(body)) {
          // Only a method has a parent to ask.
          const code = `#code${this.#codes++}`
          return `${head}get ${key}() { return this.${code}() } *${code}() ${this.#block(node.value, true)}`
        }
        if (node.kind === 'get') return `${head}get ${key}() { return (${body}).call(this) }`
        return `${head}${key}(...args) { return (${body}).apply(this, args) }`
      }
      case 'Property': {
        if (!node.method && node.kind === 'init') return this.#children(node, stops)
        const key = node.computed ? `[${this.#text(node.key)}]` : this.#text(node.key)
        const code = this.#generator(node.value as FunctionNode)
        return node.method ? `${key}: (${code})` : `get ${key}() { return (${code}).call(this) }`
      }
      case 'CallExpression':
        return this.#call(node, stops)
      case 'NewExpression':
        if (stops && this.#text(node.callee) === 'Promise') {
          return `(yield* sim.newPromise(${this.print(node.arguments[0] as AnyNode, stops)}))`
        }
        return this.#children(node, stops)
      case 'AwaitExpression':
        return `(yield* sim.await(${this.print(node.argument as AnyNode, stops)}))`
      case 'ChainExpression':
        return this.#unwrap(this.#children(node.expression as AnyNode, stops), stops)
      case 'MemberExpression': {
        const text = this.#children(node, stops)
        return !node.computed && this.#getters.has(this.#text(node.property)) ? this.#unwrap(text, stops) : text
      }
      case 'AssignmentExpression':
        return `${this.#target(node.left as AnyNode, stops)} ${node.operator} ${this.print(node.right as AnyNode, stops)}`
      case 'UpdateExpression':
        return this.#text(node)
      default:
        return this.#children(node, stops)
    }
  }

  #call(node: AnyNode & { type: 'CallExpression' }, stops: boolean): string {
    const callee = node.callee as AnyNode
    const args = node.arguments.map((argument) => this.print(argument as AnyNode, stops)).join(', ')
    if (callee.type === 'Super') return `super(${args})`
    if (callee.type === 'MemberExpression' && this.#text(callee.object) === 'Atomics') {
      const name = JSON.stringify(this.#text(callee.property))
      return stops ? `(yield* sim.atomic(${name}, [${args}]))` : `sim.atomicNow(${name}, [${args}])`
    }
    if (this.#text(callee) === 'Promise.resolve') return `sim.resolved(${args})`
    const name = callee.type === 'MemberExpression' ? this.#text(callee.property) : ''
    const callsBack = node.arguments.some(({ type }) => type === 'ArrowFunctionExpression')
    if (callsBack && natives.has(name) && callee.type === 'MemberExpression') {
      const receiver = this.print(callee.object as AnyNode, stops)
      return this.#unwrap(`sim.native(${receiver}, '${name}', [${args}])`, stops)
    }
    return this.#unwrap(`${this.#target(callee, stops)}(${args})`, stops)
  }

  /** What is assigned to or called: not read, at its last step. */
  #target(node: AnyNode, stops: boolean): string {
    return node.type === 'MemberExpression' ? this.#children(node, stops) : this.print(node, stops)
  }

  #unwrap(text: string, stops: boolean): string {
    return stops ? `(yield* sim.unwrap(${text}))` : `sim.now(${text})`
  }

  #function(node: FunctionNode): string {
    if (node.type === 'FunctionDeclaration') {
      const name = this.#text(node.id as Node)
      return `function ${name}(...args) { return (${this.#generator(node)}).apply(this, args) }`
    }
    const code = `(${this.#generator(node)})`
    // Before super() there is no `this` to bind.
    return node.type === 'ArrowFunctionExpression' && /\bthis\b/.test(code) ? `${code}.bind(this)` : code
  }

  #generator(node: FunctionNode): string {
    // Iteration goes through the same methods as a loop of calls.
    if (node.generator) return `function() { throw new Error('Generators are not explored') }`
    const body = node.body.type === 'BlockStatement' ? this.#block(node, true) : `{ return ${this.#block(node, true)} }`
    if (!node.async) return `function*${this.#signature(node)} ${body}`
    return `function*${this.#signature(node)} { return yield* sim.async((function*() ${body}).call(this)) }`
  }

  #block(node: FunctionNode, stops: boolean): string {
    return this.print(node.body as AnyNode, stops)
  }

  #signature(node: FunctionNode): string {
    return `(${node.params.map((each) => this.print(each as AnyNode, false)).join(', ')})`
  }

  #text(node: Node): string {
    return this.#source.slice(node.start, node.end)
  }

  /** The node's own text, with its parts printed. */
  #children(node: AnyNode, stops: boolean): string {
    const parts = partsOf(node)
    let text = ''
    let at = node.start
    for (const part of parts) {
      text += this.#source.slice(at, part.start)
      const initialiser = node.type === 'PropertyDefinition' || node.type === 'StaticBlock'
      text += this.print(part, stops && !initialiser)
      at = part.end
    }
    return text + this.#source.slice(at, node.end)
  }
}

function partsOf(node: AnyNode): AnyNode[] {
  const parts: AnyNode[] = []
  for (const value of Object.values(node) as unknown[]) {
    for (const each of Array.isArray(value) ? value : [value]) if (isNode(each)) parts.push(each)
  }
  return parts.toSorted((a, b) => a.start - b.start).filter((part, i, all) => i === 0 || part.start >= all[i - 1].end)
}

function isNode(value: unknown): value is AnyNode {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value
}
