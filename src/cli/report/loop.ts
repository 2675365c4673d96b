import type { CaseResult, Results, Row } from '../bench/results.ts'
import { median } from '../bench/statistics.ts'
import { plain, show } from '../format.ts'
import { bar, chart } from './chart.ts'
import { contestantsOf, offloopRow, stemOf } from './contestant.ts'
import type { Looks } from './contestant.ts'
import { html } from './html.ts'
import type { Html } from './html.ts'
import { linearScale } from './scale.ts'

/** More would be more of the same. */
const mostCases = 4

/** The longest stretch of time that is drawn. */
const mostMs = 3000

/** Cases whose plain loop holds the event loop longest. */
export function loopCases({ cases }: Results): CaseResult[] {
  const watched = cases.filter(
    (one) => one.bench.startsWith('kernels/') && one.rows.some(({ loop }) => loop !== undefined) && offloopRow(one),
  )
  const byBench = new Map<string, CaseResult>()
  for (const one of watched.toSorted((a, b) => longestOf(b) - longestOf(a))) {
    if (!byBench.has(one.bench)) byBench.set(one.bench, one)
  }
  return [...byBench.values()].slice(0, mostCases)
}

function longestOf({ rows }: CaseResult): number {
  return Math.max(...rows.map(({ gapMs }) => gapMs ?? 0))
}

/** When the event loop stood still while each contestant ran again and again. */
export function loopSection(results: Results, looks: Looks): Html | undefined {
  const cases = loopCases(results)
  if (cases.length === 0) return undefined
  return html`<section>
    <h2>The event loop meanwhile</h2>
    <p>
      A timer of one millisecond runs beside each contestant, which does its work again and again. Where it comes late,
      nothing else of the process runs either: no request is answered, no timer fires. Each block is such a standstill,
      from left to right; the thin line is time in which the timer kept its beat, the number the longest standstill of
      all. What a busy machine does to a loop without work is the first line.
    </p>
    <div class="columns">${cases.map((one) => loopChart(one, looks))}</div>
  </section>`
}

type Watched = Row & Required<Pick<Row, 'loop'>>

function loopChart(one: CaseResult, looks: Looks): Html {
  const idle = one.idle === undefined ? [] : [{ name: 'nothing at all', unit: 'ms', samples: [1], ...one.idle }]
  const rows = [...idle, ...contestantsOf(one)].filter((row): row is Watched => row.loop !== undefined)
  const until = Math.min(
    mostMs,
    Math.max(...rows.map(({ loop, samples }) => Math.min(loop.span, 3 * median(samples) + 60))),
  )
  const scale = linearScale(until)
  const end = scale.ticks.at(-1)!.value
  return html`<div>
    <h3>${stemOf(one)} <small>${one.name}</small></h3>
    ${chart({
      tight: true,
      scale,
      label: (value) => (end >= 1000 ? `${plain(value / 1000)} s` : `${plain(value)} ms`),
      rows: rows.map((row) => {
        const { colour } = looks(row)
        return {
          name: row.name,
          colour,
          marks: [
            bar(scale.at(0), scale.at(Math.min(end, row.loop.span)), 'watched', { y: 47, height: 6 }),
            ...row.loop.standstills
              .filter(([at]) => at < end)
              .map(([at, lasted]) =>
                bar(scale.at(at), scale.at(Math.min(end, at + lasted)), colour, {
                  title: `still for ${show(lasted, 'ms')} at ${show(at, 'ms')}`,
                }),
              ),
          ],
          value: show(row.gapMs ?? 0, 'ms'),
          title: `${row.name}: ${row.loop.standstills.length} standstills in ${show(row.loop.span, 'ms')}, the longest ${show(row.gapMs ?? 0, 'ms')}`,
        }
      }),
      caption: '',
      table: [
        ['contestant', 'watched', 'standstills', 'longest'],
        ...rows.map(({ name, loop, gapMs }) => [
          name,
          show(loop.span, 'ms'),
          String(loop.standstills.length),
          show(gapMs ?? 0, 'ms'),
        ]),
      ],
    })}
  </div>`
}
