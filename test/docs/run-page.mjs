// Runs the examples of a page one after another, as modules of their own in one process, and notes how each ended. What
// they print with console.log is kept by example. `node run-page.mjs outcomes example…`
import * as fs from 'node:fs'
import * as path from 'node:path'
import { pathToFileURL } from 'node:url'
import { format, inspect } from 'node:util'

const [outcomes, ...examples] = process.argv.slice(2)
const note = (entry) => fs.appendFileSync(outcomes, `${JSON.stringify(entry)}\n`)

for (const example of examples) {
  const printed = []
  console.log = (...words) => void printed.push(format(...words))
  note({ example, begun: true })
  try {
    await import(pathToFileURL(path.resolve(example)).href)
    note({ example, printed })
  } catch (error) {
    note({ example, error: inspect(error) })
  }
}
