import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { expectEnd, limitMs, rounds, runFixture } from './child.ts'

const root = path.join(import.meta.dirname, '../..')
let folder: string

/** A copy of what is installed, as npm makes when two dependencies want two versions. */
function copyPackage(name: string): string {
  const to = path.join(folder, name, 'node_modules/offloop')
  const binary = path.join(process.env.OFFLOOP_PREBUILD ?? root, 'build/Release/offloop.node')
  fs.mkdirSync(path.join(to, 'build/Release'), { recursive: true })
  fs.copyFileSync(binary, path.join(to, 'build/Release/offloop.node'))
  fs.copyFileSync(path.join(root, 'package.json'), path.join(to, 'package.json'))
  fs.cpSync(path.join(root, 'dist'), path.join(to, 'dist'), { recursive: true })
  for (const dependency of ['acorn', 'node-gyp-build']) {
    fs.cpSync(path.join(root, 'node_modules', dependency), path.join(to, '..', dependency), { recursive: true })
  }
  return to
}

beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'offloop-copies-'))
})
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

it('two copies in one process both work, in workers too, and info() says so', { timeout: limitMs }, async () => {
  const copies = [copyPackage('a'), copyPackage('b')]
  const all = Array.from({ length: rounds }, () => runFixture('copies.cjs', copies, { env: { OFFLOOP_PREBUILD: '' } }))
  for (const ended of await Promise.all(all)) {
    expectEnd(ended, 0)
    expect(ended.stdout).toContain('used')
  }
})
