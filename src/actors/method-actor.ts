import { enterTask } from '../executor/current-task.ts'
import { packFault, unpackFault } from '../executor/fault.ts'
import type { Fault } from '../executor/fault.ts'
import { checkValue, packValue, unpackValue } from '../executor/parcel.ts'
import { isThenable } from '../executor/verbs.ts'
import { enterActor } from './here.ts'
import { Inhabitant } from './inhabitant.ts'
import type { ActorTask, Letter } from './inhabitant.ts'
import type { Line } from './line.ts'
import { loadClass } from './load-class.ts'
import type { AnyClass } from './load-class.ts'
import { verdict, wants } from './messages.ts'
import type { Kept, Phase } from './messages.ts'

/** After so long others in this thread have their turn, and what has come is heard. */
const turnMs = 4

type Instance = object & { snapshot?(): unknown }

/** An actor whose methods are called, one message at a time. */
export class MethodActor extends Inhabitant {
  #instance: Instance | undefined
  #busy = true
  /** It has failed, and waits to hear what to do. */
  #paused = false
  /** Instances that there were. */
  #generation = 0
  #letter: Letter | undefined
  #task: ActorTask | undefined
  #working = false

  /** Makes it. */
  start(): void {
    void this.#make(this.recipe.state)
  }

  go(how: 'on' | 'again', state: Kept | undefined): void {
    if (how === 'again') void this.#make(state)
    else if (this.#paused) this.#free()
  }

  protected stop(): void {
    this.#task?.abort(undefined)
  }

  protected interrupt(line: Line, call: number, reason: Fault | undefined): void {
    if (this.#letter?.line === line && this.#letter.call === call) {
      this.#task?.abort(reason === undefined ? undefined : unpackFault(reason))
    }
  }

  protected work(): void {
    if (this.#working) return
    this.#working = true
    const until = performance.now() + turnMs
    while (!this.#busy && !this.over) {
      if (this.queue.length > 0 && performance.now() > until) {
        this.#busy = true
        setImmediate(() => this.#free())
        break
      }
      const letter = this.next()
      if (letter !== undefined) this.#run(letter)
      else if (this.closing) this.leave(verdict.value, undefined)
      else break
    }
    this.#working = false
  }

  async #make(state: Kept | undefined): Promise<void> {
    const generation = ++this.#generation
    this.#busy = true
    this.#instance = undefined
    try {
      const { shipped, args, packed, keep, again } = this.recipe
      const loaded = loadClass(shipped)
      const Class = loaded instanceof Promise ? await loaded : loaded
      if (this.over || generation !== this.#generation) return
      enterActor(this)
      const given = packed ? unpackValue(args) : again ? structuredClone(args) : args
      this.#instance = make(Class, given as unknown[], keep, state)
    } catch (error) {
      this.#fail(error, 'start', undefined)
      return
    } finally {
      enterActor(undefined)
    }
    this.boss.post(['ready', this.id])
    this.#free()
  }

  #run(letter: Letter): void {
    const generation = this.#generation
    this.#letter = letter
    this.#busy = true
    const task = this.taskFor(letter)
    this.#task = task
    let value: unknown
    let goesOn = false
    try {
      const { method, args, packed } = letter
      const instance = this.#instance as Instance
      const fn = methodOf(instance, method as string)
      if (fn === undefined) throw this.#unknown(method as string)
      enterTask(task)
      enterActor(this)
      value = fn.apply(instance, (packed ? unpackValue(args) : args) as unknown[])
      goesOn = this.recipe.alone && isThenable(value)
    } catch (error) {
      this.#end(letter, generation, 'fault', error)
      return
    } finally {
      // Where others live, what goes on in them would take this for theirs.
      if (!goesOn) leaveTask()
    }
    if (!isThenable(value)) {
      this.#end(letter, generation, 'value', value)
      return
    }
    Promise.resolve(value).then(
      (settled) => {
        leaveTask()
        this.#end(letter, generation, 'value', settled)
        this.work()
      },
      (error: unknown) => {
        leaveTask()
        this.#end(letter, generation, 'fault', error)
        this.work()
      },
    )
  }

  #end(letter: Letter, generation: number, kind: 'value' | 'fault', value: unknown): void {
    if (this.over) {
      letter.line.post(['reply', letter.call, verdict.gone, undefined])
      return
    }
    if (generation !== this.#generation) {
      this.settle(letter, kind, value)
      return
    }
    this.#letter = undefined
    this.#task = undefined
    const failed = kind === 'fault' && (letter.wants & wants.result) === 0
    if (kind === 'value') this.#keep()
    if (failed) {
      // It stays busy until it hears what to do.
      this.#paused = true
      this.#fail(value, 'tell', letter.method)
      this.settle(letter, 'value', undefined)
    } else {
      this.#busy = false
      this.settle(letter, kind, value)
    }
  }

  /** What goes wrong with it, what its children escalate included. */
  fail(error: unknown): void {
    this.#fail(error, 'tell', undefined)
  }

  #fail(error: unknown, phase: Phase, method: string | undefined): void {
    this.boss.postNow(['failed', this.id, packFault(error), phase, method])
  }

  #free(): void {
    this.#paused = false
    this.#busy = false
    this.work()
  }

  #keep(): void {
    const { keep } = this.recipe
    if (keep === 'nothing') return
    const instance = this.#instance as Instance
    const snapshots = keep === 'snapshot' || typeof instance.snapshot === 'function'
    try {
      const value = snapshots ? instance.snapshot?.() : fieldsOf(instance)
      const parcel = packValue(value, 'state', 'process')
      this.boss.postNow(['state', this.id, { value: parcel.value, packed: parcel.packed }])
    } catch (error) {
      this.#fail(error, 'tell', 'snapshot')
    }
  }

  #unknown(method: string): TypeError {
    const names = methodNames(this.#instance as Instance)
    const has = names.length > 0 ? `it has ${names.join(', ')}` : 'it has none'
    return new TypeError(`The actor '${this.recipe.name}' has no method \`${method}\`; ${has}`)
  }
}

function leaveTask(): void {
  enterTask(undefined)
  enterActor(undefined)
}

function make(Class: AnyClass, args: unknown[], keep: string, state: Kept | undefined): Instance {
  if (state === undefined) return new Class(...args)
  const value = state.packed ? unpackValue(state.value) : structuredClone(state.value)
  const { restore } = Class as { restore?(kept: unknown): Instance }
  if (typeof restore === 'function') return restore.call(Class, value)
  if (keep === 'snapshot') throw new TypeError(`${Class.name} has a snapshot() but no static restore(state)`)
  return Object.assign(new Class(...args), value)
}

/** Those that can be kept; the constructor makes the others again. */
function fieldsOf(instance: object): object {
  return Object.fromEntries(
    Object.entries(instance).filter(([, value]) => {
      try {
        checkValue(value, 'state', 'process')
        return true
      } catch {
        return false
      }
    }),
  )
}

/** Own or inherited, but neither the constructor nor what every object has; getters are not asked. */
function methodOf(instance: object, name: string): ((...args: unknown[]) => unknown) | undefined {
  if (name === 'constructor') return undefined
  for (const at of chain(instance)) {
    const property = Object.getOwnPropertyDescriptor(at, name)
    if (property !== undefined) return typeof property.value === 'function' ? property.value : undefined
  }
  return undefined
}

function methodNames(instance: object): string[] {
  const names = chain(instance).flatMap((at) => Object.getOwnPropertyNames(at))
  return [...new Set(names)].filter((name) => methodOf(instance, name) !== undefined)
}

function chain(instance: object): object[] {
  const all: object[] = []
  for (let at: object | null = instance; at !== null && at !== Object.prototype;) {
    all.push(at)
    at = Object.getPrototypeOf(at) as object | null
  }
  return all
}
