import * as fs from 'node:fs'
import * as path from 'node:path'

import { root } from '../helpers/child.ts'

/** A fenced block of a page. */
export interface Block {
  readonly language: string
  readonly text: string
  /** The heading that it stands under, and its number there, from 1. */
  readonly section: string
  readonly number: number
}

/** A page that readers get: the README, and all guides. */
export interface Page {
  /** Its path from the root. */
  readonly file: string
  readonly markdown: string
  readonly blocks: readonly Block[]
}

const fence = /^```(\w*)\n([^]*?)^```$/gm

function blocksOf(markdown: string): Block[] {
  return markdown.split(/^## /m).flatMap((part) => {
    const section = part.slice(0, part.indexOf('\n')).replace(/^# /, '')
    return [...part.matchAll(fence)].map(([, language, text], i) => ({ language, text, section, number: i + 1 }))
  })
}

export function readPage(file: string): Page {
  const markdown = fs.readFileSync(path.join(root, file), 'utf8')
  return { file, markdown, blocks: blocksOf(markdown) }
}

export const guides: readonly Page[] = ['README.md']
  .concat(fs.readdirSync(path.join(root, 'docs'), { withFileTypes: true }).flatMap(pathOf).toSorted())
  .map(readPage)

function pathOf(entry: fs.Dirent): string[] {
  return entry.isFile() && entry.name.endsWith('.md') ? [path.posix.join('docs', entry.name)] : []
}

/** The page without its blocks, which may have what looks like a link or a heading. */
export function proseOf(markdown: string): string {
  return markdown.replace(fence, '')
}

/** The name of a heading or a file in an address, as GitHub makes it. */
export function slug(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-')
}
