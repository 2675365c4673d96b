import * as fs from 'node:fs'
import * as path from 'node:path'

import { describe, expect, it } from 'vitest'

import { errorTable } from '../src/errors.ts'
import { references } from '../src/reference/registry.ts'
import { root } from './helpers/child.ts'

const read = (file: string): string => fs.readFileSync(path.join(root, file), 'utf8')

/** All files under a folder, as paths from the root; not what others wrote or a compiler made. */
function filesIn(folder: string): string[] {
  return fs
    .readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .filter((file) => !/(^|\/)(node_modules|build|docs\/api)\//.test(file))
}

const sources = filesIn('src')
const natives = filesIn('native').filter((file) => /\.(cc|h)$/.test(file))

/** What a TypeScript file imports from beside it: as paths from the root. Types alone don't count: they leave no trace. */
function importsOf(file: string): string[] {
  const found = [...read(file).matchAll(/^(?:import|export) (?!type\b)[^'";]*?from '(\.[^']+)'|^import '(\.[^']+)'/gm)]
  const late = [...read(file).matchAll(/\brequire\('(\.[^']+)\.js'\)/g)].map(([, module]) => `${module}.ts`)
  return [...found.map((match) => match[1] ?? match[2]), ...late].map((used) => path.join(path.dirname(file), used))
}

/** What a C++ file includes from the project. */
function includesOf(file: string): string[] {
  return [...read(file).matchAll(/^#include "([^"]+)"/gm)].map(([, name]) => name)
}

/** Which of the files `from` may import which others; the first rule that fits decides. */
const layers: readonly (readonly [from: RegExp, allowed: RegExp])[] = [
  [/^src\/index\.ts$/, /^src\/(?!backends\/|reference\/|binding)/],
  [
    /^src\/kernels\/few(-\w+)?\.ts$/,
    /^src\/(kernels\/(few|histogram-bins)|reference\/(lanes|moments|describe|quantile|cumsum|cumprod)|check|ndarray|typed-array|types)/,
  ],
  [/^src\/kernels\//, /^src\/(kernels\/|kernel|options|steps|plan|check|errors|ndarray|typed-array|types|wire)/],
  [/^src\/kernel\.ts$/, /^src\/(dispatch|environment|options|plan|pool\/task)/],
  [/^src\/pool\/(task|lane|stats|watch)\.ts$/, /^src\/errors/],
  [
    /^src\/actors\//,
    /^src\/(actors\/|threads\/|executor\/|lazy|abort|check|environment|errors|options|pool\/(task|lane))/,
  ],
  [/^src\/threads\//, /^src\/(threads\/|executor\/|lazy|abort|check|environment|errors|options)/],
  [/^src\/executor\//, /^src\/(executor\/|errors|lazy|liveness|ndarray|shareable|pool\/(task|stats))/],
  [/^src\/sync\//, /^src\/(sync\/|abort|check|errors|liveness|shareable|typed-array|executor\/current-task)/],
  [
    /^src\/channels\//,
    /^src\/(channels\/|sync\/|abort|check|errors|liveness|shareable|typed-array|executor\/(parcel|current-task))/,
  ],
  [
    /^src\/spmd\/(spmd|crew)\.ts$/,
    /^src\/(spmd\/|executor\/(executor|parcel|ship)|pool\/(call-function|function-options|task|whole)|check|errors)/,
  ],
  [/^src\/spmd\//, /^src\/(spmd\/|sync\/|executor\/parcel|abort|check|errors|shareable|typed-array|types)/],
  [/^src\/liveness\.ts$/, /^src\/(backends\/native|errors)/],
  [/^src\/flow\//, /^src\/(flow\/|abort|check|errors|lazy|options|pool\/task)/],
  [
    /^src\/pool\//,
    /^src\/(pool\/|executor\/|abort|dispatch|kernel\.ts|options|check|environment|errors|info|typed-array|wire|lazy|backends\/worker\.ts)/,
  ],
  [
    /^src\/dispatch\.ts$/,
    /^src\/(start|steps|lazy|backends\/|binding|environment|errors|options|plan|pool\/task|pool\/lane)/,
  ],
  [/^src\/start\.ts$/, /^src\/(abort|steps|errors|pool\/task|pool\/watch)/],
  [/^src\/(steps|abort|shareable)\.ts$/, /^$/],
  [
    /^src\/backends\//,
    /^src\/(backends\/|reference\/|binding|environment|errors|ndarray|plan|pool\/task|typed-array|types|wire)/,
  ],
  [/^src\/reference\//, /^src\/(reference\/|errors|types|ndarray|typed-array)/],
  [/^src\/binding\.ts$/, /^src\/(wire|types)/],
  [/^src\/info\.ts$/, /^src\/(backends\/native|binding|binary-places|environment)/],
  [/^src\/binary-places\.ts$/, /^$/],
  [/^src\/cli\/report\//, /^src\/cli\/(report\/|format|bench\/(results|statistics|limits|machine))/],
  [/^src\/cli\//, /^src\/(cli\/|index|info|wire)/],
  [/^src\/(plan|ndarray|alloc)\.ts$/, /^src\/(ndarray|check|errors|typed-array|types|wire)/],
  [/^src\/(options|environment|check|typed-array)\.ts$/, /^src\/(options|check|errors|pool\/lane|types|wire)/],
  [/^src\/(errors|types|wire|lazy)\.ts$/, /^$/],
]

/** The same for C++: below addon there is no Node, below kernels no addon, and so on down to base. */
const nativeLayers: readonly (readonly [from: RegExp, allowed: RegExp])[] = [
  [/^native\/addon\//, /^(addon|kernels|sched|simd|base)\//],
  [/^native\/kernels\//, /^(kernels|sched|simd|base)\//],
  [/^native\/sched\//, /^(sched|base)\//],
  [/^native\/simd\//, /^(simd|base)\//],
  [/^native\/base\//, /^base\//],
]

function breaches(files: readonly string[], rules: typeof layers, uses: (file: string) => string[]): string[] {
  return files.flatMap((file) => {
    const rule = rules.find(([from]) => from.test(file))
    if (rule === undefined) return [`${file} is in no layer`]
    return uses(file)
      .filter((used) => !rule[1].test(used))
      .map((used) => `${file} uses ${used}`)
  })
}

describe('layers', () => {
  it('of TypeScript look downwards', () => {
    expect(sources.length).toBeGreaterThan(30)
    expect(sources.flatMap(importsOf).length).toBeGreaterThan(100)
    expect(breaches(sources, layers, importsOf)).toEqual([])
  })

  it('of C++ look downwards', () => {
    expect(natives.length).toBeGreaterThan(30)
    expect(breaches(natives, nativeLayers, includesOf)).toEqual([])
  })

  it('keep the addon to two files', () => {
    const users = sources.filter((file) => /\b(loadBinding|loadedBinding)\b/.test(read(file)))
    expect(users.toSorted()).toEqual(['src/backends/native.ts', 'src/binding.ts', 'src/info.ts'])
    expect(sources.filter((file) => /\.node'|node-gyp-build/.test(read(file)))).toEqual(['src/binding.ts'])
  })

  it('keep Node out of all C++ but the addon', () => {
    const users = natives.filter((file) => /#include <(node|js_native|v8|uv)|napi_|\bv8::/.test(read(file)))
    expect(users.filter((file) => !file.startsWith('native/addon/'))).toEqual([])
    expect(users.length).toBeGreaterThan(3)
  })

  it('keep the names of kernels out of the scheduler', () => {
    for (const file of natives.filter((name) => name.startsWith('native/sched/'))) {
      expect(read(file), file).not.toMatch(/kernels?\//i)
      for (const kernel of kernels) expect(read(file), file).not.toMatch(new RegExp(`k${kernel}Kernel`, 'i'))
    }
  })

  it('have nothing above index.ts but the program', () => {
    const users = sources.filter((file) => importsOf(file).includes(path.join('src', 'index.ts')))
    expect(users.filter((file) => !file.startsWith('src/cli/'))).toEqual([])
  })
})

const kernels = [...read('native/kernels/kernels.def').matchAll(/^OFFLOOP_KERNEL\((\w+), \d+, k\w+\)$/gm)].map(
  ([, name]) => name,
)

/** The name that a file's stem stands for: `packStrings` in pack-strings.ts. */
const camel = (stem: string): string => stem.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())

/** Files with a public function. */
const functions = sources
  .filter((file) => /defineKernel\(/.test(read(file)) && file.startsWith('src/kernels/'))
  .map((file) => path.basename(file, '.ts'))

describe('a kernel is a slice of one stem', () => {
  const listed = read('native/sources.txt').trim().split(/\s+/)

  it('and the slices are those of kernels.def', () => {
    expect(kernels).toEqual(expect.arrayContaining(['sum', 'sort', 'matmul']))
    expect(Object.keys(references).toSorted()).toEqual(kernels.toSorted())
    // Some functions share a kernel, as `std` does with `variance`; every kernel has a function of its own name.
    expect(functions).toEqual(expect.arrayContaining(kernels))
  })

  it.each(kernels)('%s is whole', (stem) => {
    const parts = [
      `src/kernels/${stem}.ts`,
      `src/reference/${stem}.ts`,
      `native/kernels/${stem}.cc`,
      `test/kernels/${stem}.test.ts`,
      `bench/kernels/${stem}.bench.mjs`,
    ]
    expect(parts.filter((file) => !fs.existsSync(path.join(root, file)))).toEqual([])
    expect(listed).toContain(`native/kernels/${stem}.cc`)
  })

  it.each(functions)('%s is public and has tests of its own', (stem) => {
    expect(read('src/index.ts')).toMatch(
      new RegExp(`export \\{[^}]*\\b${camel(stem)}\\b[^}]*\\} from './kernels/${stem}\\.ts'`),
    )
    expect(fs.existsSync(path.join(root, `test/kernels/${stem}.test.ts`))).toBe(true)
  })

  it('and every .cc file is on the list, once', () => {
    const there = natives.filter((file) => file.endsWith('.cc'))
    expect([...listed].toSorted()).toEqual([...there].toSorted())
    expect(new Set(listed).size).toBe(listed.length)
  })
})

describe('errors', () => {
  it('are the same in the table and in the docs', () => {
    const headings = [...read('docs/errors.md').matchAll(/^## (ERR_OFFLOOP_\w+)$/gm)].map(([, code]) => code)
    expect(headings.toSorted()).toEqual(Object.keys(errorTable).toSorted())
  })

  it('are made by codes of the table, each of which is used', () => {
    const used = new Set(
      sources
        .filter((file) => file !== path.join('src', 'errors.ts'))
        .flatMap((file) => [...read(file).matchAll(/'(ERR_OFFLOOP_\w+)'/g)].map(([, code]) => code)),
    )
    expect([...used].toSorted()).toEqual(Object.keys(errorTable).toSorted())
  })
})

describe('files', () => {
  const texts = ['src', 'native', 'test', 'bench', 'docs', 'examples', 'scripts']
    .filter((folder) => fs.existsSync(path.join(root, folder)))
    .flatMap(filesIn)
    .filter((file) => /\.(ts|mts|mjs|cjs|js|cc|h|def|sh|md|json|txt)$/.test(file) && !file.endsWith('tidy.test.ts'))
    .concat(fs.readdirSync(root).filter((name) => /\.(md|json|gyp|txt|ts)$/.test(name) && name !== 'package-lock.json'))

  it('leave nothing to do for later', () => {
    expect(texts.length).toBeGreaterThan(100)
    expect(texts.filter((file) => /\b(TODO|FIXME|XXX|HACK)\b/.test(read(file)))).toEqual([])
  })

  it('know no folder of the machine they were written on', () => {
    expect(texts.filter((file) => /(?<![\w.:/])\/(home|work|root|Users)\/\w/.test(read(file)))).toEqual([])
  })

  it('are not where everything is', () => {
    const long = [...sources, ...natives].filter((file) => read(file).split('\n').length > 500)
    expect(long).toEqual([])
  })

  it('forget no test that is marked', () => {
    const marked = /\b(it|test|describe)\.(only|skip|todo|fails)\b/
    expect(
      filesIn('test').filter(
        (file) => file.endsWith('.ts') && !file.endsWith('tidy.test.ts') && marked.test(read(file)),
      ),
    ).toEqual([])
  })
})
