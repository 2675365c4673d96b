import { execFile } from 'node:child_process'
import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import { root, runNode } from '../helpers/child.ts'
import type { Finished } from '../helpers/child.ts'
import { madeUpResults } from './results.mjs'

const program = path.join(root, 'dist', 'cli', 'main.js')
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'offloop-cli-'))
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

const offloop = (args: readonly string[], env: Record<string, string> = {}): Promise<Finished> =>
  runNode([program, ...args], env, folder)

const withoutBinary = { OFFLOOP_PREBUILD: path.join(folder, 'nowhere') }
const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string }

function fileWith(name: string, content: unknown): string {
  const file = path.join(folder, name)
  fs.writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

describe('offloop', () => {
  it('is the bin of the package, and executable', () => {
    const { bin } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as { bin: { offloop: string } }
    expect(path.join(root, bin.offloop)).toBe(program)
    expect(fs.readFileSync(program, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/)
    if (process.platform !== 'win32') expect(fs.statSync(program).mode & 0o111).toBe(0o111)
  })

  it('has a version and help, for itself and every command', async () => {
    expect(await offloop(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
    const help = await offloop(['--help'])
    expect(help).toMatchObject({ code: 0, stderr: '' })
    for (const name of ['info', 'bench', 'demo']) {
      expect(help.stdout).toContain(`  ${name} `)
      const own = await offloop([name, '--help'])
      expect(own).toMatchObject({ code: 0, stderr: '' })
      expect(own.stdout).toContain(`Usage: offloop ${name}`)
    }
  })

  it.each([
    [[], 'Usage: offloop <command>'],
    [['sing'], "There is no command 'sing'. There are: info, bench, demo"],
    [['info', '--loud'], "Unknown option '--loud'"],
    [['bench', 'nothing'], "There is no bench 'nothing'. There are: machine/limits, kernels/"],
    [['bench', '--only', '('], 'Expected --only to be a regular expression'],
    [['bench', '--only', 'no such case'], 'No case matches'],
    [['bench', '--threads', '0'], 'Expected --threads to be integers from 1 to 256'],
    [
      ['bench', '--backends', 'gpu'],
      "Expected --backends to be a list of plain, inline, worker, native, peer, got 'gpu'",
    ],
    [['bench', '--alpha', '2'], 'Expected --alpha to be between 0 and 1'],
    [['bench', '--compare', 'missing.json'], "Can't read missing.json"],
    [['bench', '--fail-on-regression'], '--fail-on-regression needs --compare'],
    [['bench', '--html', 'no/such/folder/x.html'], 'There is no folder'],
  ])('ends with 2 and says why: %j', async (args, message) => {
    const { code, stdout, stderr } = await offloop(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(message)
    expect(stderr).not.toMatch(/^ +at /m)
  })

  it('ends with 1 where the environment means nothing', async () => {
    const { code, stderr } = await offloop(['info'], { OFFLOOP_THREADS: 'many' })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^offloop: Expected the environment variable `OFFLOOP_THREADS` to be an integer/)
  })

  it('ends well when nobody reads on', async () => {
    const code = await new Promise((resolve) => {
      const child = execFile(process.execPath, [program, 'bench', '--list'])
      child.stdout!.destroy()
      child.on('exit', resolve)
    })
    expect(code).toBe(0)
  })
})

describe('offloop info', () => {
  interface Facts {
    version: string
    backend: string
    binary: string | null
    failure: string | null
    advice: string[] | null
    tried: { folder: string; files: string[] | null; outcome: string }[]
    levels: string[]
    cpu: string
    threads: number
    environment: Record<string, string>
  }
  const facts = async (env: Record<string, string>): Promise<Facts> => {
    const { code, stdout } = await offloop(['info', '--json'], env)
    expect(code).toBe(0)
    return JSON.parse(stdout) as Facts
  }

  it('says which binary is in use', async () => {
    const { backend, binary, tried, levels, cpu, failure, advice } = await facts({})
    expect({ backend, failure, advice }).toEqual({ backend: 'native', failure: null, advice: null })
    expect(fs.existsSync(binary!)).toBe(true)
    expect(tried.filter(({ outcome }) => outcome.endsWith(': in use')).map((place) => place.folder)).toEqual([
      path.dirname(binary!),
    ])
    expect(levels).toContain(cpu)
  })

  it('says what was tried and what to install where none loads', async () => {
    const { backend, binary, tried, failure, advice, cpu } = await facts(withoutBinary)
    expect({ backend, binary, cpu }).toEqual({ backend: 'worker', binary: null, cpu: 'javascript' })
    expect(failure).toContain('no native binary')
    expect(tried[0]).toEqual({
      folder: path.join(withoutBinary.OFFLOOP_PREBUILD, 'build', 'Release'),
      files: null,
      outcome: 'no such folder',
    })
    expect(advice!.join()).toMatch(/C\+\+20 compiler.*npm rebuild offloop/)
    const { stdout } = await offloop(['info'], withoutBinary)
    for (const { folder: place } of tried) expect(stdout).toContain(place)
  })

  it('says of a binary that is no binary that it does not load', async () => {
    const place = path.join(folder, 'broken', 'build', 'Release')
    fs.mkdirSync(place, { recursive: true })
    fs.writeFileSync(path.join(place, 'offloop.node'), 'no binary')
    const { backend, tried, failure } = await facts({ OFFLOOP_PREBUILD: path.join(folder, 'broken') })
    expect(backend).toBe('worker')
    expect(failure).toContain('does not load')
    expect(tried[0].outcome).toMatch(/^offloop\.node: does not load/)
  })

  it('names what the environment asks for', async () => {
    const env = { OFFLOOP_THREADS: '3', OFFLOOP_CPU: 'baseline' }
    const said = await facts(env)
    expect(said).toMatchObject({ threads: 3, environment: env })
    const { stdout } = await offloop(['info'], env)
    expect(stdout).toMatch(/variables +OFFLOOP_THREADS=3 OFFLOOP_CPU=baseline/)
  })

  it('has no colours where nobody looks', async () => {
    const { stdout } = await offloop(['info'])
    expect(stdout).not.toContain('\x1b')
  })
})

describe('offloop demo', () => {
  it.each([
    ['with a binary', {}, 'native'],
    ['without one', withoutBinary, 'worker'],
  ])('shows what the package does %s', async (_, env, backend) => {
    const { code, stdout } = await offloop(['demo', '--quick'], env)
    expect(code).toBe(0)
    expect(stdout).toContain(backend)
    expect(stdout).toContain('the longest pause')
    expect(stdout).toContain('the same numbers in the same order')
    expect(stdout).toContain('it came first')
    expect(stdout).not.toContain('\x1b')
  })
})

describe('offloop bench', () => {
  interface File {
    program: string
    cases: { bench: string; name: string; bytes?: object; rows: { name: string; samples: number[]; loop?: object }[] }[]
  }
  const rowsOf = (file: string, bench: string): string[] =>
    (JSON.parse(fs.readFileSync(file, 'utf8')) as File).cases
      .filter((one) => one.bench === bench)
      .flatMap(({ rows }) => rows.map(({ name }) => name))

  it('lists what it can ask', async () => {
    const { code, stdout } = await offloop(['bench', '--list'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^machine\/limits +How fast/)
    expect(stdout).toMatch(/^kernels\/sort +What does sorting cost/m)
    expect(stdout).toMatch(/^pool\/pool /m)
  })

  it('measures, and keeps all of it in both files', async () => {
    const [json, html] = ['run.json', 'run.html'].map((name) => path.join(folder, name))
    const args = ['--only', 'kernels/sum 1e\\+3', '--quick', '--threads', '1,2', '--json', json, '--html', html]
    const { code, stdout, stderr } = await offloop(['bench', ...args])
    expect(code).toBe(0)
    expect(stdout).toContain('kernels/sum')
    expect(stdout).not.toContain('disagrees')
    // Progress goes elsewhere, a line a step.
    expect(stderr).toMatch(/^\[1\/4\] machine\/limits memory$/m)
    expect(stderr).toMatch(/^\[4\/4\] kernels\/sum 1e\+3, about /m)
    const sum = ['plain JS', 'inline', 'worker', 'native, sync', 'native', 'native, 1 thread', 'native, 2 threads']
    expect(rowsOf(json, 'kernels/sum')).toEqual(sum)
    const { program: name, cases } = JSON.parse(fs.readFileSync(json, 'utf8')) as File
    expect(name).toBe('offloop bench')
    const kernel = cases.find(({ bench }) => bench === 'kernels/sum')!
    expect(kernel.bytes).toEqual({ read: 8000, written: 0 })
    expect(kernel.rows.every(({ samples, loop }) => samples.length >= 3 && loop !== undefined)).toBe(true)
    expect(fs.readFileSync(html, 'utf8')).toContain('<h2>Speed-up by threads</h2>')
  })

  it('lets only those take part that are asked for, and works without a binary', async () => {
    const json = path.join(folder, 'workers.json')
    const args = ['--only', 'kernels/sum 1e\\+3', '--quick', '--json', json]
    expect((await offloop(['bench', ...args, '--backends', 'worker,plain'])).code).toBe(0)
    expect(rowsOf(json, 'kernels/sum')).toEqual(['plain JS', 'worker'])
    expect((await offloop(['bench', ...args], withoutBinary)).code).toBe(0)
    expect(rowsOf(json, 'kernels/sum')).toEqual(['plain JS', 'inline', 'worker'])
  })

  it('goes on after a case that fails, says so and ends with 1', async () => {
    const json = path.join(folder, 'failed.json')
    const args = ['--only', 'kernels/(sum|mean) 1e\\+3', '--quick', '--json', json]
    const { code, stdout, stderr } = await offloop(['bench', ...args], { ...withoutBinary, OFFLOOP_BACKEND: 'native' })
    expect(code).toBe(1)
    expect(stdout.match(/failed: .* ended with exit code 1/g)).toHaveLength(2)
    expect(stderr).toContain('offloop: 2 of 2 cases did not run to their end')
    expect(rowsOf(json, 'kernels/sum')).toEqual([])
  })

  it('tells how to install the peers where they are not', async () => {
    if (fs.existsSync(path.join(root, 'bench/peers/node_modules'))) {
      expect((await offloop(['bench', '--peers', '--list'])).code).toBe(0)
      return
    }
    const { code, stderr } = await offloop(['bench', '--peers', '--list'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/npm install --prefix ".*peers"/)
  })

  it('compares two runs, row by row', async () => {
    const before = fileWith('before.json', madeUpResults())
    const slower = fileWith('slower.json', madeUpResults({ change: 1.5 }))
    const compare = (from: string, more: string[]): Promise<Finished> =>
      offloop(['bench', '--from', from, '--compare', before, ...more])

    const changed = await compare(slower, [])
    expect(changed.code).toBe(0)
    expect(changed.stdout).toMatch(
      /kernels\/sum \| 1e\+7 float64 of some order \| native +.*1\.5\d +<0\.0001 {2}slower/,
    )
    expect(changed.stdout).toMatch(/kernels\/sum \| 1e\+7 float64 of some order \| plain JS +.*1\.0000 {2}same/)
    expect((await compare(slower, ['--fail-on-regression'])).code).toBe(1)

    const same = await compare(before, ['--fail-on-regression'])
    expect(same.code).toBe(0)
    expect(same.stdout).toMatch(/0 faster, 0 slower, \d+ the same/)
  })

  it('refuses files that are something else', async () => {
    for (const content of ['{', '{}', '[]']) {
      const { code, stderr } = await offloop(['bench', '--from', fileWith('other.json', content), '--list'])
      expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('offloop bench --json') })
    }
  })
})
