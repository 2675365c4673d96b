import * as fs from 'node:fs'
import * as path from 'node:path'

/** A folder in which a native binary may lie. */
export interface BinaryPlace {
  readonly folder: string
  /** What lies there; undefined where there is no such folder. */
  readonly files: readonly string[] | undefined
}

/** Where the loader looks, in its order: what was compiled here, then prebuilt binaries, of the package or beside Node. */
export function binaryPlaces(root: string): BinaryPlace[] {
  const start = process.env['OFFLOOP_PREBUILD'] || root
  const tuple = `${process.platform}-${process.arch}`
  return [
    path.join(start, 'build', 'Release'),
    path.join(start, 'build', 'Debug'),
    path.join(start, 'prebuilds', tuple),
    path.join(path.dirname(process.execPath), 'prebuilds', tuple),
  ].map((folder) => ({ folder, files: binariesIn(folder) }))
}

function binariesIn(folder: string): string[] | undefined {
  try {
    return fs.readdirSync(folder).filter((name) => path.extname(name).slice(1) === 'node')
  } catch {
    return undefined
  }
}
