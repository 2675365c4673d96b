import type { Results } from '../bench/results.ts'
import { median } from '../bench/statistics.ts'
import { digits, show } from '../format.ts'
import { chart, mark, whisker } from './chart.ts'
import { largestCases, stemOf } from './contestant.ts'
import { html } from './html.ts'
import type { Html } from './html.ts'
import { scaleWithTicks } from './scale.ts'

/** What more threads bring. */
export function threadsSection(results: Results): Html | undefined {
  const races = largestCases(results)
    .map((one) => {
      const rows = one.rows.filter(({ threads }) => threads !== undefined)
      const single = rows.find(({ threads }) => threads === 1)
      const base = single === undefined ? Number.NaN : median(single.samples)
      return { one, runs: rows.map((row) => ({ row, threads: row.threads!, times: base / median(row.samples) })) }
    })
    .filter(({ runs }) => runs.length > 1 && runs.every(({ times }) => Number.isFinite(times)))
    .toSorted((a, b) => b.runs.at(-1)!.times - a.runs.at(-1)!.times)
  if (races.length === 0) return undefined
  const most = Math.max(...races.flatMap(({ runs }) => runs.map(({ threads }) => threads)))
  const least = Math.min(...races.flatMap(({ runs }) => runs.map(({ times }) => times)))
  const top = Math.max(most, ...races.flatMap(({ runs }) => runs.map(({ times }) => times)))
  const counts = [...new Set(races.flatMap(({ runs }) => runs.map(({ threads }) => threads)))].toSorted((a, b) => a - b)
  const scale = scaleWithTicks(Math.min(1, least), top, counts)
  return html`<section>
    <h2>Speed-up by threads</h2>
    <p>
      The same kernels with a limit on their threads, against one thread. The dotted line is ${most} times as fast,
      which ${most} threads can't exceed but by luck; where the memory is the limit, one thread may already take much of
      it.
    </p>
    ${chart({
      scale,
      lines: [most],
      label: (value) => `${value}×`,
      rows: races.map(({ one, runs }) => ({
        name: stemOf(one),
        note: one.name,
        marks: [
          whisker(scale.at(1), scale.at(Math.max(...runs.map(({ times }) => times))), 'native'),
          ...runs.map(({ threads, times }) =>
            mark(
              scale.at(times),
              { name: `${threads} threads`, colour: 'native', shape: threads === 1 ? 'ring' : 'disc' },
              `${digits(times)}×`,
            ),
          ),
        ],
        value: `${digits(runs.at(-1)!.times)}×`,
        title: `${stemOf(one)}, ${one.name}: ${runs.map(({ threads, times }) => `${threads} threads ${digits(times)}×`).join(', ')}`,
      })),
      caption: `From one thread (ring) to ${most}; the number is that of ${most}.`,
      table: [
        ['kernel', 'input', 'threads', 'median', 'times as fast'],
        ...races.flatMap(({ one, runs }) =>
          runs.map(({ row, threads, times }) => [
            stemOf(one),
            one.name,
            String(threads),
            show(median(row.samples), 'ms'),
            digits(times),
          ]),
        ),
      ],
    })}
  </section>`
}
