// Looks up words that are spelt almost right: those of the command line, those of standard input with `--batch`, or else
// what is typed at a prompt.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'

import { correctAll } from './batch.mjs'
import { Dictionary } from './dictionary.mjs'
import { answerLines } from './prompt.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    batch: { type: 'boolean', default: false },
    names: { type: 'string' },
    count: { type: 'string', default: '5' },
    cutoff: { type: 'string', default: '3' },
  },
})
const options = { count: Number(values.count), cutoff: Number(values.cutoff) }

const dictionary = await Dictionary.of(readNames(values.names))
const write = (text) => process.stdout.write(text)

if (values.batch) {
  await correctAll(createInterface({ input: process.stdin }), dictionary, options, write)
} else if (positionals.length > 0) {
  const found = await dictionary.suggest(positionals, options)
  for (const [i, word] of positionals.entries()) {
    write(
      `${word}: ${found[i].map(({ name, distance }) => `${name} (${distance})`).join(', ') || 'nothing is like it'}\n`,
    )
  }
} else {
  write(`${dictionary.size.toLocaleString('en')} words. Type one, rightly or not; Ctrl-D ends.\n`)
  await answerLines(createInterface({ input: process.stdin, output: process.stdout }), dictionary, options, write)
}

/** The lines of a file, or the English words. */
function readNames(file) {
  if (file === undefined) return createRequire(import.meta.url)('an-array-of-english-words')
  return readFileSync(file, 'utf8')
    .split(/\r?\n/)
    .filter((line) => line !== '')
}
