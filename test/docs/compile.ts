import * as fs from 'node:fs'
import * as path from 'node:path'

import ts from 'typescript'

/** Compiles the `.mts` files below a folder, each to a module beside it, and gives what TypeScript has to say of them. */
export function compile(folder: string): string[] {
  const files = fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.mts') && !entry.parentPath.includes('node_modules'))
    .map((entry) => path.join(entry.parentPath, entry.name))
  const program = ts.createProgram(files, {
    strict: true,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
    module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
    types: ['node'],
    typeRoots: [path.join(folder, 'node_modules', '@types')],
    skipLibCheck: true,
    // Modules in JavaScript, which examples import the types of.
    allowJs: true,
    checkJs: false,
    // Emitting all of it would write over those.
    noEmit: true,
  })
  const mistakes = ts.getPreEmitDiagnostics(program)
  for (const file of files) {
    const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022 }
    const { outputText } = ts.transpileModule(fs.readFileSync(file, 'utf8'), { compilerOptions })
    fs.writeFileSync(file.replace(/\.mts$/, '.mjs'), outputText)
  }
  return mistakes.map(({ messageText, file }) => {
    const where = file === undefined ? '' : `${path.relative(folder, file.fileName)}: `
    return where + ts.flattenDiagnosticMessageText(messageText, '\n')
  })
}
