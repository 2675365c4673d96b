import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'

import { root, runNode } from './child.ts'
import type { Finished } from './child.ts'

/** What an example's package.json says. */
export interface Manifest {
  readonly name: string
  readonly private: boolean
  readonly type: string
  readonly scripts: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

export const examplesFolder = path.join(root, 'examples')

export function manifestOf(name: string): Manifest {
  return JSON.parse(fs.readFileSync(path.join(examplesFolder, name, 'package.json'), 'utf8')) as Manifest
}

/** Examples that can be copied out: those with a package.json. */
export const exampleNames = fs
  .readdirSync(examplesFolder)
  .filter((name) => fs.existsSync(path.join(examplesFolder, name, 'package.json')))

/** An example where its user has it: in a folder of its own, with what its package.json asks for and nothing else. */
export class PlacedExample {
  readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), 'offloop-example-'))

  constructor(name: string) {
    const source = path.join(examplesFolder, name)
    const isInstalled = (file: string): boolean => path.basename(file) === 'node_modules'
    fs.cpSync(source, this.folder, { recursive: true, filter: (file) => !isInstalled(file) })
    const { dependencies, devDependencies } = manifestOf(name)
    for (const needed of Object.keys({ ...dependencies, ...devDependencies })) {
      const link = path.join(this.folder, 'node_modules', needed)
      fs.mkdirSync(path.dirname(link), { recursive: true })
      fs.symlinkSync(needed === 'offloop' ? root : path.join(root, 'node_modules', needed), link, 'junction')
    }
  }

  /** Runs one of its files with arguments, or any other arguments of node. */
  run(args: readonly string[], env: Record<string, string> = {}): Promise<Finished> {
    return runNode(args, env, this.folder)
  }

  /** What a module that is run there prints as JSON; an error where it did not end well. */
  async jsonFrom<T>(source: string): Promise<T> {
    const { code, stdout, stderr } = await this.run(['--input-type=module', '-e', source])
    if (code !== 0) throw new Error(`the child ended with ${code}:\n${stderr}`)
    return JSON.parse(stdout) as T
  }

  remove(): void {
    fs.rmSync(this.folder, { recursive: true, force: true })
  }
}
