// The same jobs on real data three ways: plain JavaScript on the main thread, offloop on worker threads, offloop
// on native threads. For each: how long it took, how long the event loop stood still, whether the results agree.
import { mkdirSync, writeFileSync } from 'node:fs'
import * as path from 'node:path'
import { fileURLToPath } from 'node:url'

import { info } from 'offloop'

import { encodePng } from '../picture-pipeline/png.mjs'
import { loadAirports, loadFlights } from './data.mjs'
import { idleGap, watchGap } from './gap.mjs'
import { difference, isSame, makeJobs, numbersOf, picture } from './jobs.mjs'
import { colour } from './palette.mjs'
import { paint, showStatus, table, wrap } from './table.mjs'

/** How often a job is run: until this time is spent, but no more than so many times. */
const budgetMs = 400
const mostRuns = 9
/** Before each run the loop is watched idle for as long as a run takes, or for this long. */
const longestIdleMs = 150

const here = info()
const hasNative = here.backend === 'native'
const ways = ['plain', 'worker', ...(hasNative ? ['native'] : [])]

const flights = loadFlights()
const airports = loadAirports()
const jobs = makeJobs(flights, airports)
introduce()
await wakeThreads()

const reports = []
for (const job of jobs) reports.push(await runJob(job))
showStatus('')
for (const line of drawTable()) console.log(line)
const counts = numbersOf(reports.at(-1).results.at(-1))
console.log(`\n${summary()}\nThe picture: ${await writePicture(counts)}`)
if (reports.some(({ verdict }) => verdict === 'DIFFER')) process.exitCode = 1

function introduce() {
  const rows = (flights.count * 50).toLocaleString('en')
  console.log(`${paint('bold', 'offloop')} ${here.version}, Node ${process.versions.node}, ${here.threads} threads`)
  console.log(`${flights.count.toLocaleString('en')} flights of vega-datasets, repeated 50 times: ${rows} rows.`)
  if (hasNative) console.log(`Native kernels for this CPU: ${here.cpu}.`)
  else
    for (const line of wrap(`No native threads in this run. ${here.reasons.join('. ')}.`))
      console.log(paint('yellow', line))
  console.log()
}

/** Starts all threads, and lets the compiler see every loop, before anything is timed. */
async function wakeThreads() {
  showStatus('starting threads')
  const first = (column) => column.subarray(0, 2000)
  const { delay, distance, time } = flights
  const few = { count: 2000, delay: first(delay), distance: first(distance), time: first(time) }
  const small = makeJobs(few, airports.slice(0, 500))
  for (const job of small.filter(({ name }) => !['matmul', 'nearest', 'mandelbrot'].includes(name))) {
    for (const way of ways) await start(job, way)
  }
}

function start(job, way) {
  return way === 'plain' ? job.plain() : job.offloop({ backend: way })
}

async function runJob(job) {
  const measured = []
  const results = []
  for (const way of ways) {
    showStatus(`${job.name}, ${way === 'plain' ? 'plain JavaScript' : `${way} threads`}`)
    const { times, gaps, result } = await measure(() => start(job, way))
    measured.push({ way, ms: median(times), gap: median(gaps) })
    results.push(result)
  }
  return { job, measured, results, verdict: judge(job, results) }
}

async function measure(run) {
  const times = []
  const gaps = []
  let result
  for (let spent = 0; times.length < mostRuns && spent < budgetMs; spent += times.at(-1)) {
    const idle = await idleGap(Math.min(times.at(-1) ?? 100, longestIdleMs))
    const gap = watchGap()
    const from = performance.now()
    result = await run()
    times.push(performance.now() - from)
    gaps.push(Math.max(0, (await gap.stop()) - idle))
  }
  return { times, gaps, result }
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]
}

/** Workers and native threads promise the same bits but for matmul; plain loops add up in another order. */
function judge({ sameBits, tolerance }, [plain, ...others]) {
  const kept = !sameBits || others.every((result) => isSame(result, others[0]))
  const apart = Math.max(...others.map((result) => difference(plain, result)))
  if (!kept || !(apart <= tolerance)) return 'DIFFER'
  return apart === 0 ? 'same bits' : `±${apart.toExponential(0)}`
}

function drawTable() {
  const time = { title: 'ms', width: 6 }
  const gap = { title: 'gap', width: 6 }
  const faster = { title: 'faster', width: 6 }
  const groups = [
    {
      title: '',
      columns: [
        { title: 'job', width: 10, left: true, style: 'bold' },
        { title: 'of', width: 14, left: true },
      ],
    },
    { title: 'plain JS', columns: [time, gap] },
    { title: 'worker threads', columns: [time, faster, gap] },
    ...(hasNative ? [{ title: 'native threads', columns: [time, { ...faster, style: 'green' }, gap] }] : []),
    { title: 'results', columns: [{ title: 'are', width: 9, left: true }] },
  ]
  const rows = reports.map(({ job, measured: [plain, ...others], verdict }) => [
    job.name,
    job.what,
    short(plain.ms),
    short(plain.gap),
    ...others.flatMap((other) => [short(other.ms), `${short(plain.ms / other.ms)}×`, short(other.gap)]),
    verdict,
  ])
  const note = 'Medians of runs. gap: longest time the event loop stood still, less the same when idle, in ms'
  return [...table(groups, rows), paint('dim', note)]
}

/** Three digits that matter. */
function short(number) {
  if (number >= 99.95) return Math.round(number).toLocaleString('en')
  return number.toFixed(number >= 9.995 ? 1 : 2)
}

function summary() {
  const way = ways.at(-1)
  const ratios = reports.map(({ measured }) => measured[0].ms / measured.at(-1).ms)
  const gap = Math.max(...reports.map(({ measured }) => measured.at(-1).gap))
  const held = Math.max(...reports.map(({ measured }) => measured[0].gap))
  const [least, most] = [Math.min(...ratios), Math.max(...ratios)].map(short)
  return (
    `On ${way} threads the jobs ran ${least} to ${most} times as fast as plain loops, and the event loop\n` +
    `stood still for ${short(gap)} ms at most; plain loops held it for up to ${short(held)} ms.`
  )
}

async function writePicture(pixels) {
  const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), 'build')
  const file = path.join(folder, 'mandelbrot.png')
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, await encodePng(picture.width, picture.height, colour(pixels, picture.iterations)))
  return path.relative('', file)
}
