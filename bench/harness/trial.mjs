// One case of one bench, in a process of its own, started by run.mjs: node trial.mjs <file> <case> <budget in ms>
import { pathToFileURL } from 'node:url'

const [file, name, budget] = process.argv.slice(2)
const { default: bench } = await import(pathToFileURL(file).href)
const found = bench.cases.find((one) => one.name === name)
const result = await found.run({ budgetMs: Number(budget) })
process.send(result, () => process.disconnect())
