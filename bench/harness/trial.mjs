// One case of one bench, in a process of its own, started by `offloop bench`: node trial.mjs <file> <case> <settings>
import { pathToFileURL } from 'node:url'

// Who asked is gone: nobody waits for the result.
process.on('disconnect', () => process.exit())

const [file, name, settings] = process.argv.slice(2)
const { default: bench } = await import(pathToFileURL(file).href)
const found = bench.cases.find((one) => one.name === name)
const result = await found.run(JSON.parse(settings))
process.send(result, () => process.disconnect())
