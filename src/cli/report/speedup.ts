import type { CaseResult, Results, Row } from '../bench/results.ts'
import { median } from '../bench/statistics.ts'
import { digits, plain as short, show } from '../format.ts'
import { chart, mark, symbol, whisker } from './chart.ts'
import { largestCases, offloopRow, stemOf } from './contestant.ts'
import type { Looks } from './contestant.ts'
import { html } from './html.ts'
import type { Html } from './html.ts'
import { logScale } from './scale.ts'

/** How many times as fast as the plain loop. */
interface Race {
  readonly one: CaseResult
  readonly plain: Row
  readonly runners: readonly { readonly row: Row; readonly times: number }[]
  /** That of offloop itself. */
  readonly times: number
}

export function racesOf(results: Results): Race[] {
  const races = largestCases(results).flatMap((one): Race[] => {
    const plain = one.rows.find(({ kind }) => kind === 'plain')
    const offloop = offloopRow(one)
    if (plain === undefined || offloop === undefined) return []
    const timesOf = (row: Row): number => median(plain.samples) / median(row.samples)
    const worker = one.rows.find(({ name }) => name === 'worker')
    const runners = [...new Set([plain, bestPeer(one), worker, offloop])].flatMap((row) =>
      row === undefined ? [] : [{ row, times: timesOf(row) }],
    )
    return [{ one, plain, runners, times: timesOf(offloop) }]
  })
  return races.toSorted((a, b) => b.times - a.times)
}

function bestPeer({ rows }: CaseResult): Row | undefined {
  return rows.filter(({ kind }) => kind === 'peer').toSorted((a, b) => median(a.samples) - median(b.samples))[0]
}

/** Offloop, its fallback and the best npm package against the loop that one would write, kernel by kernel. */
export function speedupSection(results: Results, looks: Looks): Html | undefined {
  const races = racesOf(results)
  if (races.length === 0) return undefined
  const scale = logScale(races.flatMap(({ runners }) => runners.map(({ times }) => times)))
  const withPeers = races.some(({ runners }) => runners.some(({ row }) => row.kind === 'peer'))
  const shown = [...new Map(races.flatMap(({ runners }) => runners).map(({ row }) => [row.name, looks(row)])).values()]
  return html`<section>
    <h2>Against plain JavaScript</h2>
    <p>
      How many times as fast as a plain loop on the main thread each kernel is, on its largest input. The native backend
      and the workers leave the event loop free meanwhile; the plain loop does not.
    </p>
    <ul class="legend">
      ${shown.map((look) => html`<li>${symbol(look)}${look.name}</li>`)}
    </ul>
    ${chart({
      scale,
      label: (value) => `${short(value)}×`,
      rows: races.map(({ one, runners, times }) => {
        const text = runners.map(({ row, times: n }) => `${row.name} ${digits(n)}×`).join(', ')
        return {
          name: stemOf(one),
          note: one.name,
          marks: [
            whisker(scale.at(1), scale.at(times), 'native'),
            ...runners.map(({ row, times: n }) => mark(scale.at(n), looks(row), `${digits(n)}×`)),
          ],
          value: `${digits(times)}×`,
          title: `${stemOf(one)}, ${one.name}: ${text}`,
        }
      }),
      caption: `Medians; the scale is logarithmic, to the right is faster.${withPeers ? ' Of several npm packages, the fastest.' : ''}`,
      table: [
        ['kernel', 'input', 'contestant', 'median', 'times as fast'],
        ...races.flatMap(({ one, runners }) =>
          runners.map(({ row, times }) => [
            stemOf(one),
            one.name,
            row.name,
            show(median(row.samples), row.unit),
            digits(times),
          ]),
        ),
      ],
    })}
  </section>`
}
