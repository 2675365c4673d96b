import * as fs from 'node:fs'
import * as path from 'node:path'

import { describe, expect, it } from 'vitest'

import { root } from '../helpers/child.ts'
import { exampleNames, examplesFolder, manifestOf } from '../helpers/example.ts'

const own = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  version: string
  devDependencies: Record<string, string>
}

const read = (...parts: string[]): string => fs.readFileSync(path.join(examplesFolder, ...parts), 'utf8')

describe.each(exampleNames)('examples/%s', (name) => {
  const manifest = manifestOf(name)
  const needed = { ...manifest.dependencies, ...manifest.devDependencies }
  const modules = fs.readdirSync(path.join(examplesFolder, name)).filter((file) => file.endsWith('.mjs'))

  it('can be copied out: it asks for what it imports, and for nothing else', () => {
    expect(manifest).toMatchObject({ name: `offloop-example-${name}`, private: true, type: 'module' })
    const imported = modules
      .flatMap((file) =>
        Array.from(read(name, file).matchAll(/(?:from|import|resolve|\.url\))\(? ?'([^']+)'/g), ([, from]) => from),
      )
      .filter((from) => !/^(node:|\.\/)/.test(from))
      .map((from) => /^(@[^/]+\/)?[^/]+/.exec(from)?.[0])
    expect(Object.keys(needed).toSorted()).toEqual([...new Set(imported)].toSorted())
  })

  it('asks for the versions that it is tested with', () => {
    const tested: Record<string, string> = { ...own.devDependencies, offloop: own.version }
    for (const [dependency, range] of Object.entries(needed)) expect(range, dependency).toBe(`^${tested[dependency]}`)
  })

  it('has a README that names its files and how to start it, and a place in the list', () => {
    const readme = read(name, 'README.md')
    for (const file of modules) expect(readme).toContain(file)
    for (const script of Object.keys(manifest.scripts)) {
      expect(readme).toContain(script === 'start' ? 'npm start' : `npm run ${script}`)
    }
    expect(read('README.md')).toContain(`](${name}/README.md)`)
  })
})

it('there are examples', () => {
  expect(exampleNames.length).toBeGreaterThan(5)
})
