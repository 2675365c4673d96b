import { measure } from '../harness/measure.mjs'
import { smallCalls } from '../harness/small-calls.mjs'

const headlines = new Set(['sum', 'sort', 'cumsum', 'median', 'histogram', 'searchsorted', 'topk', 'matmul'])

export default {
  question: 'What does a synchronous call on few elements cost, against the loop that one would write?',
  cases: smallCalls.map(({ name, sizes, input, plain, sync }) => ({
    name,
    headline: headlines.has(name),
    async run({ budgetMs }) {
      const rows = []
      for (const n of sizes) {
        const args = input(n)
        const contestants = [
          { name: `plain loop, ${n}`, sync: true, run: () => plain(...args) },
          { name: `sync, ${n}`, sync: true, run: () => sync(...args) },
        ]
        const samples = await measure(contestants, budgetMs / sizes.length)
        contestants.forEach((contestant, i) => {
          rows.push({ name: contestant.name, unit: 'ms', samples: samples[i], baseline: contestants[0].name })
        })
      }
      return { rows, notes: [] }
    },
  })),
}
