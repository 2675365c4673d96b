// What the machine gives at most, by the simplest that reaches it: what all other results are measured against.
import { alloc, importTasks, info, matmul, minmax, ndarray, Pool, sum } from 'offloop'

import { uniform } from '../harness/inputs.mjs'
import { measure } from '../harness/measure.mjs'

const { threads, backend } = info()
const { copyPart } = importTasks(new URL('./copy.mjs', import.meta.url))

export default {
  question: 'How fast is the memory, and how fast is arithmetic, on one thread and on all?',
  cases: [
    { name: 'memory', headline: true, once: true, run: memory },
    ...[Float64Array, Float32Array].map((Type) => ({
      name: `arithmetic, ${nameOf(Type)}`,
      headline: true,
      once: true,
      run: ({ budgetMs }) => arithmetic(Type, budgetMs),
    })),
  ],
}

function nameOf(Type) {
  return Type.name.slice(0, -'Array'.length).toLowerCase()
}

/** Reading by two kernels that do little else, and copying as the C library does it: read once and written once. */
async function memory({ budgetMs }) {
  const length = budgetMs < 1000 ? 8e6 : 16e6
  const x = uniform(Float64Array, length)
  const to = alloc(Float64Array, length)
  const pool = new Pool({ workers: threads, minWorkers: threads })
  const bytes = length * 8
  const contestants = [
    { name: 'memcpy', bytes: 2 * bytes, all: false, sync: true, run: () => to.set(x) },
    { name: 'memcpy by all', bytes: 2 * bytes, all: true, run: () => copyByAll(pool, x, to) },
  ]
  if (backend === 'native') {
    for (const kernel of [sum, minmax]) {
      contestants.push({ name: kernel.name, bytes, all: false, run: () => kernel(x, { threads: 1 }) })
      contestants.push({ name: `${kernel.name} by all`, bytes, all: true, run: () => kernel(x) })
    }
  }
  const samples = await measure(contestants, budgetMs)
  await pool.close()
  return {
    rows: contestants.map(({ name, bytes: moved, all }, index) => ({
      name,
      unit: 'ms',
      samples: samples[index],
      rate: { amount: moved / 1e6, unit: 'GB/s' },
      limit: limitName('memory', all),
    })),
    notes: [`${bytes / 1e6} MB; copying counts what is read and what is written`],
  }
}

function copyByAll(pool, from, to) {
  const parts = Array.from({ length: threads }, (_, i) => ({
    from,
    to,
    begin: Math.floor((i * from.length) / threads),
    end: Math.floor(((i + 1) * from.length) / threads),
  }))
  return Promise.all(parts.map((part) => pool.submit(copyPart, part)))
}

/** A product of matrices that fit the caches: nothing else comes as near to what the vector units do at most. */
async function arithmetic(Type, budgetMs) {
  const side = backend === 'native' ? (budgetMs < 1000 ? 512 : 1024) : 256
  const [a, b] = [1, 2].map((seed) => ndarray(uniform(Type, side ** 2, seed), [side, side]))
  const out = alloc(Type, side ** 2)
  const contestants = [
    { name: 'matmul', all: false, run: () => matmul(a, b, { out, threads: 1 }) },
    { name: 'matmul by all', all: true, run: () => matmul(a, b, { out }) },
  ]
  const samples = await measure(contestants, budgetMs)
  return {
    rows: contestants.map(({ name, all }, index) => ({
      name,
      unit: 'ms',
      samples: samples[index],
      rate: { amount: (2 * side ** 3) / 1e6, unit: 'GFLOP/s' },
      limit: limitName(nameOf(Type), all),
    })),
    notes: [`${side}×${side}, by offloop's own matmul: the units themselves may do a little more`],
  }
}

function limitName(what, all) {
  return `${what}, ${all ? 'all threads' : 'one thread'}`
}
