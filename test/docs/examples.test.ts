import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { root, runNode } from '../helpers/child.ts'

// Every example of the guides is run as it stands: a module of its own, in a folder where offloop is installed. Those of
// a section share a process, which must end by itself, and well. A block whose first line is `// name.mjs` is that file.

interface Section {
  readonly title: string
  readonly blocks: readonly string[]
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'offloop-docs-'))
beforeAll(() => {
  fs.mkdirSync(path.join(folder, 'node_modules'))
  fs.symlinkSync(root, path.join(folder, 'node_modules', 'offloop'), 'junction')
})
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

function sectionsOf(page: string): Section[] {
  const parts = fs.readFileSync(path.join(root, 'docs', `${page}.md`), 'utf8').split(/^## /m)
  return parts.map((text) => ({
    title: text.slice(0, text.indexOf('\n')).replace(/^# /, ''),
    blocks: [...text.matchAll(/^```js\n([^]*?)^```$/gm)].map(([, block]) => block),
  }))
}

const fileName = (block: string): string | undefined => /^\/\/ ([\w-]+\.[mc]js)\n/.exec(block)?.[1]

describe.each(['pool', 'from-python', 'shared-data', 'spmd'])('docs/%s.md', (page) => {
  const sections = sectionsOf(page)
  const place = path.join(folder, page)
  beforeAll(() => {
    fs.mkdirSync(place)
    for (const block of sections.flatMap(({ blocks }) => blocks)) {
      const name = fileName(block)
      if (name !== undefined) fs.writeFileSync(path.join(place, name), block)
    }
  })

  it('has examples, all of which check what they say', () => {
    const blocks = sections.flatMap((section) => section.blocks).filter((block) => fileName(block) === undefined)
    expect(blocks.length).toBeGreaterThan(5)
    expect(blocks.filter((block) => !/\bassert\b.*\(/.test(block))).toEqual([])
  })

  const runnable = sections
    .map(({ title, blocks }) => ({ title, blocks: blocks.filter((block) => fileName(block) === undefined) }))
    .filter(({ blocks }) => blocks.length > 0)
  it.concurrent.each(runnable)('$title', async ({ title, blocks }) => {
    const stem = title.replaceAll(/\W+/g, '-').toLowerCase()
    const names = blocks.map((block, i) => {
      const name = `${stem}-${i + 1}.mjs`
      fs.writeFileSync(path.join(place, name), block)
      return name
    })
    const all = names.map((name) => `await import('./${name}')\n`).join('')
    fs.writeFileSync(path.join(place, `${stem}.mjs`), all)
    const { code, stderr } = await runNode([`${stem}.mjs`], {}, place)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })
})
