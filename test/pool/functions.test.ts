import { runInThisContext } from 'node:vm'

import { importTasks, Pool } from 'offloop'
import { afterAll, describe, expect, it } from 'vitest'

import { outcome } from '../helpers/work.ts'

// What becomes of functions on their way to workers. Sources are evaluated here, so that no tool has rewritten them.

const pool = new Pool({ workers: 1 })
afterAll(() => pool.terminate())

type AnyFunction = (...args: unknown[]) => unknown

/** A function by its source: sloppy, in the global scope, so that nothing is captured. */
const sloppy = (source: string) => runInThisContext(`(${source}\n)`) as AnyFunction
const strict = (source: string) => runInThisContext(`'use strict'; (${source}\n)`) as AnyFunction
const run = (source: string, ...args: unknown[]) => pool.submit(strict(source), ...args)
const refusal = async (fn: unknown): Promise<string> => {
  const { reason } = await outcome(pool.submit(fn as AnyFunction))
  expect(reason).toBeInstanceOf(TypeError)
  expect(reason).toMatchObject({ code: 'ERR_OFFLOOP_FUNCTION' })
  return (reason as Error).message
}

describe('functions that take nothing from outside run', () => {
  it.each([
    ['a nested scope', '() => { const a = 1; { const b = 2; return (() => a + b)() } }', 3],
    ['a use before the declaration', '() => { const f = () => late; const late = 4; return f() }', 4],
    [
      'destructured parameters',
      '() => (({ a: { b = 2 } = {}, ...rest }, [c, , d = c]) => [b, c, d, rest])({ z: 1 }, [3])',
      [2, 3, 3, { z: 1 }],
    ],
    [
      'destructured variables',
      '() => { const { a: [x], ["k" + 1]: y = x } = { a: [1] }; let z; ({ z } = { z: 3 }); return [x, y, z] }',
      [1, 1, 3],
    ],
    ['default parameters', '(a = 1, b = a + 1, c = () => a + b) => [a, b, c()]', [1, 2, 3]],
    ['a default parameter that is a function', '(f = function g(n) { return n ? n * g(n - 1) : 1 }) => f(4)', 24],
    ['catch without a binding', '() => { try { null.x } catch { return "caught" } }', 'caught'],
    ['catch with a pattern', '() => { try { throw { code: 5 } } catch ({ code }) { return code } }', 5],
    [
      'labels',
      '() => { outer: for (const i of [1, 2]) { for (;;) { if (i === 1) continue outer; break outer } } return "out" }',
      'out',
    ],
    [
      'a class with private members',
      '() => { class A { #x = 1; static s = 2; get x() { return this.#x } static { this.t = this.s } has(o) { return #x in o } } const a = new A(); return [a.x, A.t, a.has(a)] }',
      [1, 2, true],
    ],
    [
      'a class that extends one',
      '() => { class A { m() { return 1 } } return new (class B extends A { m() { return super.m() + 1 } })().m() }',
      2,
    ],
    [
      'a class with computed names',
      '() => { const k = "m"; class A { [k]() { return 7 } ["f" + k] = 8 } return [new A().m(), new A().fm] }',
      [7, 8],
    ],
    ['a named class expression', '() => new (class Me { who() { return Me.name } })().who()', 'Me'],
    ['typeof of what is not there', '() => (typeof window === "undefined" ? "no window" : "window")', 'no window'],
    ['hoisted var', '() => { if (true) { for (var i = 0; i < 3; i++) { var last = i } } return [i, last] }', [3, 2]],
    ['hoisted functions', '() => { return f(); function f() { return g() } function g() { return 9 } }', 9],
    [
      'for-in and for-of',
      '() => { let s = ""; for (const k in { a: 1 }) s += k; for (const [k, v] of [["b", 1]]) s += k + v; return s }',
      'ab1',
    ],
    ['for-of that assigns', '() => { const o = {}; for (o.x of [1, 2]); return o.x }', 2],
    ['switch with declarations', '(x) => { switch (x) { case undefined: let y = 1; return y; default: return 0 } }', 1],
    ['arguments of a function', 'function () { return [arguments.length, (() => arguments.length)()] }', [0, 0]],
    ['a function that calls itself', 'function f(n = 5) { return n <= 1 ? 1 : n * f(n - 1) }', 120],
    ['this of a function of its own', '() => ({ x: 1, f() { return this.x } }).f()', 1],
    ['this of a plain function', 'function () { return this === undefined }', true],
    ['new.target', 'function () { return new.target === undefined }', true],
    ['getters and setters', '() => { const o = { get a() { return 1 }, set a(v) {} }; return o.a }', 1],
    ['shorthand properties', '() => { const a = 1; return { a, b: a, ["c"]: a } }', { a: 1, b: 1, c: 1 }],
    ['property names that are no variables', '(o = { outer: { inner: 1 } }) => o.outer.inner', 1],
    ['optional chaining and templates', '(o) => `${o?.a?.[0] ?? "none"}`', 'none'],
    ['tagged templates', '() => String.raw`\\n${1}`', '\\n1'],
    ['a global that it shadows', '() => { const Math = { max: () => "mine" }; return Math.max(1, 2) }', 'mine'],
    ['a parameter that shadows a global', '(process = 1) => process', 1],
    [
      'globals of the language and of Node',
      '() => [typeof Math.max, typeof Buffer, typeof structuredClone, typeof globalThis, NaN]',
      ['function', 'function', 'function', 'object', NaN],
    ],
    ['eval, of a string', '() => eval("1 + 1")', 2],
    ['a line comment at the end', '() => 1 // one', 1],
    ['minified code', '()=>{for(var e=[],t=0;t<3;t++)e.push(((r,o)=>r*o)(t,t));return e}', [0, 1, 4]],
    ['minified, a parameter without parentheses', 'e=>void 0===e?"u":e', 'u'],
    ['names that are no words', '(ünïcode = 1, $ = 2, _ = 3) => ünïcode + $ + _', 6],
    ['a regular expression and a division', '() => [/[/](x)/.test("/x"), 4 / 2]', [true, 2]],
  ] as const)('%s', async (_, source, expected) => {
    expect(await run(source)).toEqual(expected)
  })

  it.each([
    ['async', 'async () => { await null; for await (const x of [Promise.resolve(3)]) return x }', 3],
    ['async function', 'async function f() { return await new Promise((r) => setTimeout(r, 1, 4)) }', 4],
    ['require', '() => require("node:path").posix.join("a", "b")', 'a/b'],
    ['require of offloop', '() => typeof require("offloop").Pool', 'function'],
    ['import()', 'async () => (await import("node:path")).posix.join("a", "b")', 'a/b'],
    [
      'import() in the midst',
      'async () => { const a = "é"; const [p, q] = await Promise.all([import ("node:os"), import(/* this */ "node:fs")]); return [a, typeof p.cpus, typeof q.statSync] }',
      ['é', 'function', 'function'],
    ],
    [
      'import() of offloop',
      'async () => { const { Pool, currentTask } = await import("offloop"); return [typeof Pool, typeof currentTask().cancelled] }',
      ['function', 'boolean'],
    ],
    ['import() of a package', 'async () => typeof (await import("acorn")).parse', 'function'],
    [
      'import() with attributes',
      'async () => (await import("data:application/json,[1]", { with: { type: "json" } })).default',
      [1],
    ],
    [
      'names that esbuild keeps',
      '() => { const f = /* @__PURE__ */ __name(() => 1, "f"); return [f(), f.name] }',
      [1, 'f'],
    ],
    [
      'counters of istanbul',
      '(x) => { cov_1abc().f[0]++; cov_1abc().s[0]++; const y = (cov_1abc().b[0][1]++, x); cov_1abc().s[1]++; return y === undefined }',
      true,
    ],
  ] as const)('%s', async (_, source, expected) => {
    expect(await run(source)).toEqual(expected)
  })

  it('import() as vitest rewrites it', async () => {
    expect(await pool.submit(async () => (await import('node:path')).posix.join('a', 'b'))).toBe('a/b')
  })

  it('sloppy functions stay sloppy, strict ones strict', async () => {
    const source = 'function () { return this === undefined }'
    expect(await pool.submit(sloppy(source))).toBe(false)
    expect(await pool.submit(strict(source))).toBe(true)
    expect(await pool.submit(sloppy('function () { return 010 }'))).toBe(8)
  })

  it('sloppy arrow functions that only sloppy code can have', async () => {
    expect(await pool.submit(sloppy('() => 010'))).toBe(8)
  })

  it('generators, as streams', async () => {
    const source = 'function* (n) { for (let i = 0; i < n; i++) yield i; return "end" }'
    const stream = pool.stream(strict(source) as unknown as (n: number) => Generator<number, string>, 2)
    const steps = [await stream.next(), await stream.next(), await stream.next()]
    expect(steps.map(({ value }) => value as unknown)).toEqual([0, 1, 'end'])
  })

  it('with positions of the source in their stacks', async () => {
    const { reason } = await outcome(run('function named() {\n  throw new Error("here") }'))
    expect((reason as Error).stack).toMatch(/named \(offloop:named:2:9\)/)
  })
})

describe('functions that take something from outside are refused with its name', () => {
  it.each([
    ['a variable', '() => outside + 1', 'outside'],
    ['an assigned variable', '() => { outside = 1 }', 'outside'],
    ['a variable in a nested function', '() => () => ({ f() { return outside } })', 'outside'],
    ['a default value', '(a = outside) => a', 'outside'],
    ['a default value, of a var in the body', '(a = outside) => { var outside = 1; return a + outside }', 'outside'],
    ['a default in a pattern', '({ a = outside }) => a', 'outside'],
    ['a computed key in a pattern', '({ [outside]: a }) => a', 'outside'],
    ['a computed key', '() => ({ [outside]: 1 })', 'outside'],
    ['a shorthand property', '() => ({ outside })', 'outside'],
    ['a tag', '() => outside`x`', 'outside'],
    ['a superclass', '() => class extends outside {}', 'outside'],
    ['a class field', '() => class { x = outside }', 'outside'],
    ['a static block', '() => class { static { outside() } }', 'outside'],
    ['a let in another block', '() => { { let outside = 1 } return outside }', 'outside'],
    ['a catch binding after its block', '() => { try {} catch (outside) {} return outside }', 'outside'],
    ['a loop variable after its loop', '() => { for (const outside of []); return outside }', 'outside'],
    ['a class of another block', '() => { { class outside {} } return new outside() }', 'outside'],
    ["a function expression's own name", '() => { (function outside() {}); return outside }', 'outside'],
    ['typeof, then a use', '() => typeof outside === "undefined" ? 0 : outside', 'outside'],
    ['JSX-like minified calls', 'e=>(0,outside.jsx)(e)', 'outside'],
    ['arguments of the function around an arrow', '() => arguments[0]', 'arguments'],
    ['this of the function around an arrow', '() => this.x', 'this'],
    ['this of an arrow in an arrow', '(a = () => this) => a', 'this'],
    ['this in a computed key of a class', '() => class { [this.x]() {} }', 'this'],
    ['__dirname', '() => __dirname', '__dirname'],
    ['exports', 'function () { exports.x = 1 }', 'exports'],
  ])('%s', async (_, source, name) => {
    const message = await refusal(sloppy(`function () { return (${source}\n) }`)())
    expect(message).toContain(`\`${name}\``)
    expect(message).toMatch(/as an argument/)
  })

  it('all of its names', async () => {
    expect(await refusal(strict('() => [one, two, one]'))).toContain('`one`, `two`')
  })

  it('import.meta', async () => {
    const { default: fn } = (await import('./fixtures/meta.mjs')) as { default: unknown }
    expect(await refusal(fn)).toMatch(/`(import\.meta|__vite_ssr_import_meta__)`/)
  })

  it('super of the method around an arrow', async () => {
    const make = runInThisContext('({ m() { return () => super.x } })') as { m(): unknown }
    expect(await refusal(make.m())).toContain('`super`')
  })

  it('what the main thread hung on its globalThis', async () => {
    Object.assign(globalThis, { hung: 1 })
    expect(await refusal(sloppy('() => hung'))).toContain('`hung`')
  })
})

describe('what is no function of its own is refused', () => {
  class Thing {
    get value() {
      return 1
    }
    method() {
      return 1
    }
    static async later() {
      return 1
    }
  }
  const getter = Object.getOwnPropertyDescriptor(Thing.prototype, 'value')?.get
  it.each([
    ['a native function', Math.max, /native or bound/],
    ['a bound function', Math.max.bind(null), /native or bound/],
    ['a proxy', new Proxy(() => 1, {}), /native or bound/],
    [
      'a method',
      {
        f(x: unknown) {
          return x
        },
      }.f,
      /method/,
    ],
    ['a method of a class', Thing.prototype.method, /method/],
    ['a static async method', Thing.later, /method/],
    [
      'a generator method',
      {
        *g() {
          yield 1
        },
      }.g,
      /method/,
    ],
    [
      'a method with a computed name',
      {
        ['a b']() {
          return 1
        },
      }['a b'],
      /method/,
    ],
    ['a getter', getter, /method/],
    ['a class', Thing, /class/],
  ])('%s', async (_, fn, why) => {
    expect(await refusal(fn)).toMatch(why)
  })

  it.each([undefined, null, 'sum', {}, 5])('%j is misuse', async (value) => {
    await expect(pool.submit(value as never)).rejects.toThrow(/^Expected `fn` to be a function/)
  })
})

describe('a function is shipped once', () => {
  // The worker compiles what is shipped; a template object belongs to one compilation.
  const template =
    'function () { const t = ((x) => x)`a`; globalThis.seen ??= new Set(); return globalThis.seen.add(t).size }'
  it('when it is sent twice', async () => {
    const fn = sloppy(template)
    const before = (await pool.submit(fn)) as number
    expect(await pool.submit(fn)).toBe(before)
  })

  it('when its source is evaluated anew for each call', async () => {
    const before = (await pool.submit(sloppy(template))) as number
    for (let i = 0; i < 3; i++) expect(await pool.submit(sloppy(template))).toBe(before)
  })

  it('but not where it is strict and the other is not', async () => {
    const source = 'function twin() { return this === undefined }'
    expect([await pool.submit(sloppy(source)), await pool.submit(strict(source))]).toEqual([false, true])
  })
})

describe('importTasks', () => {
  interface Common {
    twice(x: number): number
    'three times'(x: number): number
    number: number
  }
  const common = importTasks<Common>(new URL('./fixtures/tasks.cjs', import.meta.url))

  it('calls exports of CommonJS, those too that only running the module shows', async () => {
    expect(await pool.submit(common.twice, 4)).toBe(8)
    expect(await pool.submit(common['three times'], 4)).toBe(12)
  })

  it('an export that is no function says what there is', async () => {
    const { number } = common as unknown as { number: AnyFunction }
    const { reason } = await outcome(pool.submit(number))
    expect(reason).toMatchObject({ code: 'ERR_OFFLOOP_MODULE' })
    expect((reason as Error).message).toMatch(/no function named 'number'; it exports .*twice.*three times/)
  })

  it('calls a default export', async () => {
    const meta = importTasks<{ default(): string }>(new URL('./fixtures/meta.mjs', import.meta.url))
    expect(await pool.submit(meta.default)).toMatch(/meta\.mjs$/)
  })

  it('takes an absolute path, and a URL as a string', async () => {
    const url = new URL('./fixtures/tasks.cjs', import.meta.url)
    expect(await pool.submit(importTasks<Common>(url.pathname).twice, 1)).toBe(2)
    expect(await pool.submit(importTasks<Common>(url.href).twice, 2)).toBe(4)
  })

  it('refuses a relative path', () => {
    expect(() => importTasks('./fixtures/tasks.cjs')).toThrow(/^Expected `module` to be a URL or an absolute path/)
    expect(() => importTasks(5 as never)).toThrow(TypeError)
  })

  it('gives handles that can not be called here', () => {
    expect(() => common.twice(1)).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_FUNCTION' }) as Error)
    expect(common.twice.name).toBe('twice')
    expect(common.twice).toBe(common.twice)
  })

  it('is not thenable, and can be printed', async () => {
    expect(await common).toBe(common)
    const { inspect } = await import('node:util')
    expect(() => [inspect(common), String(Object.keys(common)), JSON.stringify(common)]).not.toThrow()
  })

  it('a module that could not be loaded is tried again', async () => {
    const fs = await import('node:fs')
    const os = await import('node:os')
    const path = await import('node:path')
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'offloop-'))
    const file = path.join(folder, 'late.mjs')
    const late = importTasks<{ f(): number }>(file)
    await expect(pool.submit(late.f)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_MODULE' })
    fs.writeFileSync(file, 'export const f = () => 6')
    expect(await pool.submit(late.f)).toBe(6)
    fs.rmSync(folder, { recursive: true })
  })
})
