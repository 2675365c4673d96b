import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { jsonFrom, root, runModule, runNode } from '../helpers/child.ts'

// A copy of the package as a package manager leaves it that ran no install script.
let folder: string

beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'offloop-no-binary-'))
  const { dependencies } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  const packages = Object.keys(dependencies).map((name) => path.join('node_modules', name))
  for (const part of ['dist', 'package.json', ...packages]) {
    fs.cpSync(path.join(root, part), path.join(folder, part), { recursive: true })
  }
})

afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

describe('without a binary', () => {
  it('kernels run on workers, with one warning', async () => {
    const { code, stdout, stderr } = await runModule(
      `import { mandelbrot, sort, sum } from 'offloop'
       const tasks = [sum(Float64Array.of(1, 2)), sort(Float64Array.of(3, 1)), mandelbrot({ width: 1, height: 1 })]
       const values = await Promise.all(tasks)
       console.log(JSON.stringify([values[0], [...values[1]], tasks.map((task) => task.backend)]))`,
      {},
      folder,
    )
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toEqual([3, [1, 3], ['worker', 'worker', 'worker']])
    expect(stderr.match(/OFFLOOP_NO_BINARY/g)).toHaveLength(1)
    expect(stderr).toContain('offloop runs on worker threads: no native binary for')
  })

  it('info() says why, and what to do', async () => {
    const said = await jsonFrom<Record<string, unknown>>(
      `import { info } from 'offloop'; console.log(JSON.stringify(info()))`,
      {},
      folder,
    )
    expect(said).toMatchObject({ backend: 'worker', cpu: 'javascript', memory: 'copied' })
    expect(said.binary).toBeUndefined()
    expect(said.threads).toBeGreaterThan(0)
    expect(String(said.reasons)).toMatch(/^native: no native binary for \w+-\w+, .*npm rebuild offloop/)
  })

  it('the synchronous form runs in plain JavaScript', async () => {
    const source = `
      import { sum } from 'offloop'
      console.log(JSON.stringify(sum.sync(Float64Array.of(1, 2))))`
    expect(await jsonFrom(source, {}, folder)).toBe(3)
  })

  it('workers run their own calls inline', async () => {
    const { stdout, code } = await runModule(
      `import { Worker } from 'node:worker_threads'
       const source = "const { parentPort } = require('node:worker_threads'); const { sum } = require(process.cwd() + '/dist/index.js');"
         + "const task = sum(Float64Array.of(1, 2)); task.then((value) => parentPort.postMessage([value, task.backend]))"
       new Worker(source, { eval: true, execArgv: [] }).on('message', (said) => console.log(JSON.stringify(said)))`,
      {},
      folder,
    )
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toEqual([3, 'inline'])
  })

  it('a call that insists on native rejects, and says why', async () => {
    const source = `
      import { sum } from 'offloop'
      const options = process.env.INSIST === 'call' ? { backend: 'native' } : {}
      const error = await sum(new Float64Array(1), options).catch((each) => each)
      let thrown
      try { sum.sync(new Float64Array(1), options) } catch (each) { thrown = each }
      console.log(JSON.stringify([error.code, error.message, thrown.code, thrown.message]))`
    for (const env of [{ OFFLOOP_BACKEND: 'native' }, { INSIST: 'call' }]) {
      const [code, message, thrownCode, thrownMessage] = await jsonFrom<string[]>(source, env, folder)
      expect(code).toBe('ERR_OFFLOOP_BACKEND')
      expect(message).toMatch(/^The 'native' backend can't do this: no native binary for .*npm rebuild offloop/)
      expect([thrownCode, thrownMessage]).toEqual([code, message])
    }
  })

  it('a binary that does not load counts as none', async () => {
    const broken = fs.mkdtempSync(path.join(os.tmpdir(), 'offloop-broken-binary-'))
    try {
      fs.cpSync(folder, broken, { recursive: true })
      fs.mkdirSync(path.join(broken, 'build', 'Release'), { recursive: true })
      fs.writeFileSync(path.join(broken, 'build', 'Release', 'offloop.node'), 'not a library')
      const said = await jsonFrom<{ backend: string; reasons: string[] }>(
        `import { info, sum } from 'offloop'
         const task = sum(Float64Array.of(1))
         await task
         console.log(JSON.stringify({ backend: task.backend, reasons: info().reasons }))`,
        { NODE_NO_WARNINGS: '1' },
        broken,
      )
      expect(said.backend).toBe('worker')
      expect(said.reasons.join()).toMatch(/^native: the native binary does not load: .+/)
    } finally {
      fs.rmSync(broken, { recursive: true, force: true })
    }
  })
})

describe('one process', () => {
  it('has one instance for import and require', async () => {
    const same = await jsonFrom<boolean[]>(`
      import { createRequire } from 'node:module'
      import offloop, * as imported from 'offloop'
      const required = createRequire(import.meta.url)('offloop')
      const names = Object.keys(required)
      console.log(JSON.stringify([
        imported.Task === required.Task,
        imported.sum(new Float64Array(1)) instanceof required.Task,
        offloop.Pool === required.Pool,
        names.every((name) => imported[name] === required[name]) && names.length > 10,
      ]))`)
    expect(same).toEqual([true, true, true, true])
  })

  it('with two copies says so', async () => {
    const said = await jsonFrom<{ reasons: string[]; value: number }>(
      `import { createRequire } from 'node:module'
       import { info, sum } from 'offloop'
       const other = createRequire(import.meta.url)(process.env.OTHER)
       const value = await sum(Float64Array.of(1, 2)) + await other.sum(Float64Array.of(3))
       console.log(JSON.stringify({ reasons: info().reasons, value }))`,
      { OTHER: folder, NODE_NO_WARNINGS: '1' },
    )
    expect(said.value).toBe(6)
    expect(said.reasons.join()).toContain('a second copy of offloop is loaded from')
  })

  it('loads from CommonJS', async () => {
    const { code, stdout } = await runNode(['-e', `require('offloop').sum(Uint8Array.of(1, 2)).then(console.log)`])
    expect([code, stdout]).toEqual([0, '3\n'])
  })
})
