import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'

import { root } from '../helpers/child.ts'

export interface Packed {
  /** The tarball. */
  readonly file: string
  /** Bytes of it, and of what it unpacks to. */
  readonly size: number
  readonly unpackedSize: number
  /** Paths of what is in it. */
  readonly files: readonly string[]
}

/** Packs the package into a new folder, as it stands; who calls removes the folder. */
export function pack(): Packed {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'offloop-pack-'))
  const said = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    shell: process.platform === 'win32',
  })
  const [{ filename, size, unpackedSize, files }] = JSON.parse(said) as {
    filename: string
    size: number
    unpackedSize: number
    files: { path: string }[]
  }[]
  return {
    file: path.join(folder, filename),
    size,
    unpackedSize,
    files: files.map((each) => each.path).toSorted(),
  }
}
