import * as fs from 'node:fs'
import * as path from 'node:path'
import { pathToFileURL } from 'node:url'

import { UsageError } from '../command.ts'

/** Where the benches are: `<group>/<stem>.bench.mjs`. They say what is measured; nothing here does. */
export const benchFolder = path.join(__dirname, '../../../bench')

/** In the order of a run; limits come first, so that they are known. */
const groups = ['machine', 'kernels', 'engine', 'pool', 'channels', 'spmd', 'actors', 'sync', 'flow']

/** Where no npm package does the same. */
const withoutPeers = new Set(['engine', 'spmd'])

export interface Case {
  readonly name: string
  readonly headline: boolean
  /** One process is enough. */
  readonly once?: boolean
}

export interface Bench {
  /** `kernels/sum` */
  readonly name: string
  readonly file: string
  readonly question: string
  readonly cases: readonly Case[]
}

export interface Wanted {
  /** Benches or groups; all where there are none. */
  readonly names: readonly string[]
  /** Matched with `bench case`. */
  readonly only: RegExp | undefined
  /** Every size, not only the headline ones. */
  readonly sizes: boolean
  readonly peers: boolean
  /** Against programs in C++, in a clone only. */
  readonly native: boolean
  /** The limits of the machine in any case. */
  readonly limits: boolean
}

const limitsBench = 'machine/limits'

/** The benches with the cases that are wanted. */
export async function findBenches({ names, only, sizes, peers, native, limits }: Wanted): Promise<Bench[]> {
  const all = stemsOf(native ? ['native'] : groups.filter((group) => !peers || !withoutPeers.has(group)))
  const known = new Set(all.flatMap((stem) => [stem, ...stem.split('/')]))
  const unknown = names.find((name) => !known.has(name))
  if (unknown !== undefined) throw new UsageError(`There is no bench '${unknown}'. There are: ${all.join(', ')}`)
  const chosen = all.filter((stem) => names.length === 0 || [stem, ...stem.split('/')].some((it) => names.includes(it)))
  const found: Bench[] = []
  for (const name of chosen) {
    const file = path.join(benchFolder, `${name}.bench.mjs`)
    const { question, cases } = ((await import(pathToFileURL(file).href)) as { default: Omit<Bench, 'name' | 'file'> })
      .default
    const wanted = cases.filter(
      (one) => (sizes || one.headline || only !== undefined) && (only?.test(`${name} ${one.name}`) ?? true),
    )
    if (wanted.length > 0) found.push({ name, file, question, cases: wanted })
  }
  if (found.length > 0 && limits && !found.some(({ name }) => name === limitsBench)) {
    const [bench] = await findBenches({ names: [limitsBench], only: undefined, sizes, peers, native: false, limits })
    found.unshift(bench)
  }
  if (found.length === 0) throw new UsageError('No case matches. See: offloop bench --list')
  return found
}

function stemsOf(folders: readonly string[]): string[] {
  return folders
    .map((group) => ({ group, folder: path.join(benchFolder, group) }))
    .filter(({ folder }) => fs.existsSync(folder))
    .flatMap(({ group, folder }) =>
      fs
        .readdirSync(folder)
        .filter((file) => file.endsWith('.bench.mjs'))
        .map((file) => `${group}/${file.slice(0, -'.bench.mjs'.length)}`),
    )
}
