// Compiles src/ to dist/: CommonJS with types, and an ESM face over the same modules, so that `import` and
// `require` in one process get one instance.
'use strict'
const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

const root = path.join(__dirname, '..')
const dist = path.join(root, 'dist')

fs.rmSync(dist, { recursive: true, force: true })
execFileSync(process.execPath, [require.resolve('typescript/bin/tsc'), '-p', root], { stdio: 'inherit' })

// npm marks it when it installs the package; in a clone nobody else does.
fs.chmodSync(path.join(dist, 'cli', 'main.js'), 0o755)

// Only names: loading dist/index.js here would need the binary, which may not be built yet.
const source = fs.readFileSync(path.join(dist, 'index.js'), 'utf8')
const names = [...source.matchAll(/Object\.defineProperty\(exports, "(\w+)"/g)].map((match) => match[1])
const exported = names.filter((name) => name !== '__esModule')
if (exported.length === 0) throw new Error('found no exports in dist/index.js')
fs.writeFileSync(
  path.join(dist, 'index.mjs'),
  `import offloop from './index.js'\n\nexport const { ${exported.join(', ')} } = offloop\nexport default offloop\n`,
)
fs.writeFileSync(
  path.join(dist, 'index.d.mts'),
  `export * from './index.js'\nimport * as offloop from './index.js'\nexport default offloop\n`,
)
