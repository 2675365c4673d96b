import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'

import { build } from 'esbuild'
import type { BuildOptions } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import webpack from 'webpack'
import type { Configuration } from 'webpack'

import { root, runNode } from '../helpers/child.ts'
import type { Finished } from '../helpers/child.ts'

// What docs/bundlers.md says, built and run: its blocks that begin with a file's name are those files.

let folder: string
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'offloop-bundlers-'))
  fs.mkdirSync(path.join(folder, 'node_modules'))
  for (const name of ['esbuild', 'webpack', 'vite', 'offloop']) {
    const target = name === 'offloop' ? root : path.join(root, 'node_modules', name)
    fs.symlinkSync(target, path.join(folder, 'node_modules', name), 'junction')
  }
  const page = fs.readFileSync(path.join(root, 'docs', 'bundlers.md'), 'utf8')
  for (const [, file, text] of page.matchAll(/^```mjs\n\/\/ (\S+)\n([^]*?)^```$/gm)) write(file, text)
})
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

function write(file: string, text: string): void {
  fs.mkdirSync(path.join(folder, path.dirname(file)), { recursive: true })
  fs.writeFileSync(path.join(folder, file), text)
}

const run = (file: string): Promise<Finished> => runNode([file], {}, folder)

async function pack(config: Configuration): Promise<void> {
  const compiler = webpack({ context: folder, target: 'node', mode: 'production', ...config })!
  const stats = await new Promise<import('webpack').Stats>((resolve, reject) => {
    compiler.run((error, stats) => (stats === undefined ? reject(error) : resolve(stats)))
  })
  await new Promise((resolve) => compiler.close(resolve))
  expect(stats.toJson().errors).toEqual([])
}

/** The program of the page: what it prints wherever it ran. */
const right = { code: 0, stdout: 'native 12 42 14\n', stderr: '' }

describe('bundles that leave offloop out', () => {
  it('run as the program did before', async () => {
    expect(await run('src/main.mjs')).toEqual(right)
  })

  it('of esbuild', async () => {
    expect(await run('esbuild.mjs')).toMatchObject({ code: 0, stderr: '' })
    expect(await run('out/esbuild/main.mjs')).toEqual(right)
    // It is one that works without its sources, and without offloop's own in it.
    const bundle = fs.readFileSync(path.join(folder, 'out/esbuild/main.mjs'), 'utf8')
    expect(bundle).toMatch(/from"offloop"/)
    expect(bundle.length).toBeLessThan(1000)
  })

  it('of webpack', async () => {
    const source = `
      import config from './webpack.config.mjs'
      console.log(JSON.stringify(config))`
    const { stdout } = await runNode(['--input-type=module', '-e', source], {}, folder)
    await pack(JSON.parse(stdout) as Configuration)
    expect(fs.readdirSync(path.join(folder, 'out/webpack')).toSorted()).toEqual(['main.mjs', 'work.mjs'])
    expect(await run('out/webpack/main.mjs')).toEqual(right)
  })

  it('of Vite', async () => {
    const { code, stderr } = await runNode(['node_modules/vite/bin/vite.js', 'build'], {}, folder)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(await run('out/vite/main.mjs')).toEqual(right)
  })
})

describe('bundles of CommonJS', () => {
  beforeAll(() => {
    write(
      'src/main.cjs',
      `
      const path = require('node:path')
      const { importTasks, info, Pool, sum } = require('offloop')
      const { square } = require('./square.mjs')
      const work = importTasks(path.join(__dirname, 'work.cjs'))
      async function main() {
        const pool = new Pool({ workers: 1 })
        const total = await sum(Float64Array.of(1, 2, square(3)))
        const inline = await pool.submit((n) => n + 1, 41)
        const ofModule = await pool.submit(work.sumOfSquares, [1, 2, 3])
        await pool.close()
        console.log(info().backend, total, inline, ofModule)
      }
      void main()`,
    )
  })

  const forEsbuild: BuildOptions = {
    entryPoints: ['src/main.cjs', 'src/work.mjs'],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    logLevel: 'silent',
  }

  it('of esbuild', async () => {
    await build({ ...forEsbuild, absWorkingDir: folder, packages: 'external', outdir: 'out/esbuild-cjs' })
    expect(await run('out/esbuild-cjs/main.cjs')).toEqual(right)
  })

  it('of webpack', async () => {
    await pack({
      entry: { main: './src/main.cjs', work: './src/work.mjs' },
      externals: { offloop: 'commonjs offloop' },
      output: { path: path.join(folder, 'out/webpack-cjs'), filename: '[name].cjs', library: { type: 'commonjs2' } },
      node: { __dirname: false },
    })
    expect(await run('out/webpack-cjs/main.cjs')).toEqual(right)
  })

  it('say what is wrong where offloop got in', async () => {
    await build({ ...forEsbuild, absWorkingDir: folder, outdir: 'out/inside' })
    const { code, stderr } = await run('out/inside/main.cjs')
    expect(code).toBe(1)
    expect(stderr).toMatch(/OFFLOOP_NO_BINARY.*offloop is inside of a bundle.*Make it external/)
    expect(stderr).toMatch(/ERR_OFFLOOP_WORKER_DIED/)
  })
})

describe('inline functions after a build', () => {
  beforeAll(() => {
    write(
      'src/inline.mjs',
      `
      import { Pool } from 'offloop'
      const pool = new Pool({ workers: 1 })
      const outcomes = []
      const keep = async (task) => outcomes.push(await task.catch(({ code }) => code))
      await keep(pool.submit(({ a, ...rest }) => ({ ...rest, a: a?.b ?? 2 }), { a: null, c: 3 }))
      await keep(pool.submit((n) => [1, 2].map((x) => x * n), 3))
      await keep(
        pool.submit((n) => {
          const twice = (x) => x * 2
          return twice(n)
        }, 4),
      )
      await keep(pool.submit(async () => typeof (await import('node:os')).cpus))
      await keep(pool.submit(async () => typeof (await import(/* webpackIgnore: true */ 'node:os')).cpus))
      await pool.close()
      console.log(JSON.stringify(outcomes))`,
    )
  })

  const all = [{ c: 3, a: 2 }, [3, 6], 8, 'function', 'function']
  const common: BuildOptions = {
    entryPoints: ['src/inline.mjs'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
  }

  it.each<BuildOptions>([{ minify: true }, { keepNames: true }, { target: 'es2022' }])(
    'of esbuild with %o',
    async (more) => {
      const outfile = `out/inline-${Object.keys(more)[0]}.mjs`
      await build({ ...common, ...more, absWorkingDir: folder, outfile })
      const { stdout } = await run(outfile)
      expect(JSON.parse(stdout)).toEqual(all)
    },
  )

  it('of esbuild, minified with names kept, are refused where they have functions in them', async () => {
    await build({ ...common, minify: true, keepNames: true, absWorkingDir: folder, outfile: 'out/inline-both.mjs' })
    const { stdout } = await run('out/inline-both.mjs')
    expect(JSON.parse(stdout)).toEqual(all.with(2, 'ERR_OFFLOOP_FUNCTION'))
  })

  it('of webpack, which takes `import()` for its own unless told', async () => {
    await pack({
      entry: './src/inline.mjs',
      externals: { offloop: 'module offloop' },
      experiments: { outputModule: true },
      output: { path: path.join(folder, 'out'), filename: 'inline-webpack.mjs', module: true },
    })
    const { stdout } = await run('out/inline-webpack.mjs')
    expect(JSON.parse(stdout)).toEqual(all.with(3, 'ERR_OFFLOOP_FUNCTION'))
  })
})
