import * as fs from 'node:fs'
import { createRequire } from 'node:module'
import * as path from 'node:path'

import { root } from '../../helpers/child.ts'
import { gettersIn, transform } from './transform.ts'
import { World } from './world.ts'
import type { Code, SimThread } from './world.ts'

const dist = path.join(root, 'dist')
const require = createRequire(import.meta.url)

/** Files whose code is explored; all else is taken as it is. */
const explored = /^(sync|channels)\//

const getters = new Set(
  fs
    .readdirSync(dist, { recursive: true, encoding: 'utf8' })
    .filter((file) => explored.test(file) && file.endsWith('.js'))
    .flatMap((file) => gettersIn(fs.readFileSync(path.join(dist, file), 'utf8'))),
)

type Program = (...args: never[]) => unknown
type Exports = Record<string, unknown>

/** The world whose threads run now: modules are loaded once, and serve all worlds in turn. */
let world = new World()

/** What a thread knows of the others, as liveness.ts has it; a terminated one is dead at once. */
class Agents {
  readonly words = new Int32Array(0)
  /** Of the claims of select. */
  readonly extra: Int32Array
  readonly #thread: SimThread

  constructor(thread: SimThread, extra: Int32Array) {
    this.#thread = thread
    this.extra = extra
  }

  get me(): number {
    return world.threads.indexOf(this.#thread) + 1 || world.threads.length + 1
  }

  isAlive(id: number): boolean {
    return world.threads[id - 1]?.terminated !== true
  }

  threadOf(id: number): number {
    return id
  }
}

const tables = new WeakMap<SimThread, Agents>()
const extras = new WeakMap<World, Int32Array>()

/** The table as the thread that runs now sees it: modules keep what is a thread's own by it. */
function ownTable(): Agents {
  const thread = world.current
  const extra = extras.get(world) ?? new Int32Array(new SharedArrayBuffer(2 ** 12))
  extras.set(world, extra)
  const table = tables.get(thread) ?? new Agents(thread, extra)
  tables.set(thread, table)
  return table
}

/** Looks that a waiter takes every 100 ms would hide that a wake-up was lost: there are none. */
const fakes: Readonly<Record<string, Exports>> = {
  'sync/marks.js': { mark: { taken: 1, waiting: 2, notified: 3 }, lookMs: Infinity, placelessMs: Infinity },
  'sync/watch.js': { watch() {}, unwatch() {} },
  'liveness.js': {
    ownTable,
    openTable: ownTable,
    mostAgents: 1024,
    indexOf: (id: number) => id & 1023,
  },
  'node:worker_threads': { isMainThread: false, threadId: 1 },
}

/** What transformed code calls, in whichever world it runs. */
const globals = {
  sim: {
    unwrap: (value: unknown) => world.unwrap(value),
    now: (value: unknown) => world.now(value),
    native: (receiver: object, name: string, args: unknown[]) => world.native(receiver, name, args),
    atomic: (name: string, args: unknown[]) => world.atomic(name, args),
    atomicNow: (name: string, args: unknown[]) => world.atomicNow(name, args),
    resolved: (value: unknown) => world.resolved(value),
    newPromise: (executor: Program) => world.newPromise(executor as never),
    await: (value: unknown) => world.await(value),
    async: (code: Code) => world.async(code),
  },
  queueMicrotask: (act: () => unknown) => world.queueMicrotask(act),
  setTimeout: (fire: () => unknown, ms: number) => world.setTimeout(fire, ms),
  clearTimeout: (timer: never) => world.clearTimeout(timer),
  setInterval: () => undefined,
  clearInterval: () => undefined,
  performance: { now: () => world.time },
  Math: Object.assign(Object.create(Math), { random: () => world.random() }),
}

const modules = new Map<string, Exports>()
const programs = new Map<Program, (...args: readonly unknown[]) => unknown>()

/** A module of dist, made to stop before atomic operations where it is one of those explored. */
export function load(file: string): Exports {
  if (!explored.test(file)) return require(path.join(dist, file)) as Exports
  let exports = modules.get(file)
  if (exports === undefined) {
    exports = {}
    modules.set(file, exports)
    const text = fs.readFileSync(path.join(dist, file), 'utf8')
    // Spinning is a matter of speed, and makes schedules long.
    evaluate(text.replace(/^const spins = \d+;$/m, 'const spins = 0;'), exports, (name) => requireFrom(file, name))
  }
  return exports
}

function requireFrom(file: string, name: string): unknown {
  const used = name.startsWith('.') ? path.posix.join(path.posix.dirname(file), name) : name
  return fakes[used] ?? (name.startsWith('.') ? load(used) : require(name))
}

function evaluate(source: string, exports: object, find: (name: string) => unknown): void {
  const names = { ...globals, exports, require: find }
  new Function(...Object.keys(names), transform(source, getters))(...Object.values(names))
}

const { SharedWords } = load('sync/shared-words.js') as { SharedWords: new () => object }

/** A world with its threads' programs. */
export class Lab {
  readonly world = new World()

  constructor() {
    world = this.world
  }

  /** Calls what can stop, where it must not: to make the objects that threads share. */
  make<T>(value: T): T {
    return this.world.now(value) as T
  }

  /** A thread that runs a function, which may use nothing but its arguments. */
  thread(name: string, program: Program, ...args: readonly unknown[]): SimThread {
    let code = programs.get(program)
    if (code === undefined) {
      const exports: { code?: (...all: readonly unknown[]) => unknown } = {}
      evaluate(`exports.code = ${program}`, exports, () => undefined)
      code = exports.code as (...all: readonly unknown[]) => unknown
      programs.set(program, code)
    }
    const run = code
    return this.world.spawn(name, () => run(...args.map((arg) => this.#open(arg))))
  }

  /** Each thread has an object of its own over what is shared. */
  #open(arg: unknown): unknown {
    if (!(arg instanceof SharedWords)) return arg
    const handle = this.make((arg as unknown as { handle: object }).handle) as { id: string }
    const { from } = arg.constructor as unknown as { from(handle: object): unknown }
    return this.make(from({ ...handle, id: `${handle.id} of ${this.world.current.name}` }))
  }
}
