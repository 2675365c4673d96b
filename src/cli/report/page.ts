import { limitsOf } from '../bench/limits.ts'
import { machineLines } from '../bench/machine.ts'
import type { Results } from '../bench/results.ts'
import { median } from '../bench/statistics.ts'
import { digits, show } from '../format.ts'
import { looksOf, offloopRow } from './contestant.ts'
import { html } from './html.ts'
import type { Html } from './html.ts'
import { limitsSection } from './limits.ts'
import { loopCases, loopSection } from './loop.ts'
import { racesOf, speedupSection } from './speedup.ts'
import { style } from './style.ts'
import { threadsSection } from './threads.ts'
import { throughputSection } from './throughput.ts'
import { timesSection } from './times.ts'

/** One file that needs nothing else: no script, no network, no font. */
export function reportOf(results: Results): string {
  const { machine } = results
  const looks = looksOf(results)
  const [, ...warnings] = machineLines(machine)
  // A name is not broken at its hyphens.
  const title = `${machine.cpu.replaceAll('-', '\u2011')}, ${machine.processors} CPUs`
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>offloop bench: ${machine.cpu}, ${machine.processors} CPUs</title>
        <link rel="icon" href="data:," />
        <style>
          ${style}
        </style>
      </head>
      <body>
        <main>
          <header>
            <p class="eyebrow">offloop ${machine.offloop} · benchmark report</p>
            <h1>${title}</h1>
            <p class="machine">${machineText(machine)}</p>
            ${warnings.map((line) => html`<p class="warning">${line}</p>`)} ${figures(results)}
          </header>
          ${speedupSection(results, looks)} ${loopSection(results, looks)} ${threadsSection(results)}
          ${limitsSection(results)} ${throughputSection(results, looks)} ${timesSection(results, looks)}
          <footer>
            <h2>How it was measured</h2>
            <p>
              A case runs in processes of its own. Contestants take turns within a process, in rotating order; everybody
              warms up first, and results are compared before anything is timed. A sample is one call, or a batch where
              one call is too short to time. Sampling ends when the 95 % confidence interval of every median is within 1
              %, or when the time is up. The benches are in the folder <code>bench</code> of the package.
            </p>
          </footer>
        </main>
      </body>
    </html>`.text.replaceAll(/>\n\s*</g, '><')
}

function machineText({ backend, level, threads, memoryGB, node, system, commit, at }: Results['machine']): string {
  const id = commit === '' ? '' : ` Commit ${commit}.`
  return (
    `${threads} threads on the ${backend} backend, ${level}; ${memoryGB} GB; Node ${node}, ${system}.${id} ` +
    `${at.slice(0, 16).replace('T', ' ')} UTC.`
  )
}

/** What one remembers of the page. */
function figures(results: Results): Html | undefined {
  const races = racesOf(results)
  const [still] = loopCases(results)
  const limits = limitsOf(results)
  const found: [value: string, meaning: string][] = []
  if (races.length > 0) {
    const middle = median(races.map(({ times }) => times))
    const of = races.length === 1 ? races[0].one.bench.split('/')[1] : `median of ${races.length} kernels`
    found.push([`${digits(middle)}×`, `as fast as plain JavaScript, ${of}`])
  }
  if (still !== undefined) {
    const ours = offloopRow(still)?.gapMs ?? 0
    const plain = still.rows.find(({ kind }) => kind === 'plain')?.gapMs
    const beside = plain === undefined ? '' : `, against ${show(plain, 'ms')}`
    found.push([show(ours, 'ms'), `longest standstill of the event loop during ${still.bench.split('/')[1]}${beside}`])
  }
  for (const [limit, unit] of [
    ['memory, all threads', 'GB/s'],
    ['float64, all threads', 'GFLOP/s'],
  ]) {
    const value = limits.get(limit)
    if (value !== undefined) found.push([digits(value), `${unit}: ${limit}`])
  }
  if (found.length === 0) return undefined
  return html`<dl class="figures">
    ${found.map(
      ([value, meaning]) =>
        html`<div>
          <dt>${meaning}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`
}
