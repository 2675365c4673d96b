import * as fs from 'node:fs'
import * as path from 'node:path'

import { describe, expect, it } from 'vitest'

import { root } from '../helpers/child.ts'
import { proseOf, slug } from './pages.ts'

/** All pages of the repository that are written by hand. */
const pages = fs
  .readdirSync(root)
  .filter((file) => file.endsWith('.md'))
  .concat(
    ['docs', 'bench', 'examples', 'native'].flatMap((folder) =>
      fs
        .readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.md') && !/(^|\/)(node_modules|build|api)\//.test(file))
        .map((file) => path.posix.join(folder, file)),
    ),
  )

const read = (file: string): string => fs.readFileSync(path.join(root, file), 'utf8')

/** The names that headings of a page can be linked by; a heading that comes again is numbered. */
function anchorsOf(file: string): Set<string> {
  const anchors = new Set<string>()
  for (const [, heading] of proseOf(read(file)).matchAll(/^#{1,6} (.+)$/gm)) {
    const base = slug(heading)
    let anchor = base
    for (let i = 1; anchors.has(anchor); i++) anchor = `${base}-${i}`
    anchors.add(anchor)
  }
  return anchors
}

const withoutCode = (text: string): string => proseOf(text).replaceAll(/`[^`\n]+`/g, '')

describe.each(pages)('%s', (page) => {
  const links = [...withoutCode(read(page)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target)

  it('has links that lead somewhere', () => {
    const broken = links
      .filter((target) => !/^\w+:/.test(target))
      .filter((target) => {
        const [file, anchor] = target.split('#')
        const to = file === '' ? page : path.posix.join(path.posix.dirname(page), file)
        if (!fs.existsSync(path.join(root, to))) return true
        return anchor !== undefined && !(to.endsWith('.md') && anchorsOf(to).has(anchor))
      })
    expect(broken).toEqual([])
  })
})

it('every guide is on the list of guides', () => {
  const listed = new Set([...read('docs/README.md').matchAll(/\]\(([\w-]+\.md)/g)].map(([, file]) => file))
  const there = fs.readdirSync(path.join(root, 'docs')).filter((file) => file.endsWith('.md') && file !== 'README.md')
  expect(there.filter((file) => !listed.has(file))).toEqual([])
})
