import type { CaseResult, Results, Row } from '../bench/results.ts'
import { median, medianError, quantile } from '../bench/statistics.ts'
import { digits, show, showBytes } from '../format.ts'
import { bar, chart, mark, whisker } from './chart.ts'
import { contestantsOf, stemOf } from './contestant.ts'
import type { Looks } from './contestant.ts'
import { html } from './html.ts'
import type { Html } from './html.ts'
import { linearScale, logScale } from './scale.ts'
import type { Scale } from './scale.ts'

/** With few benches nothing needs to be folded away. */
const mostOpen = 4

/** Every case of every bench: what each contestant took. */
export function timesSection(results: Results, looks: Looks): Html {
  const benches = new Map<string, CaseResult[]>()
  for (const one of results.cases) benches.set(one.bench, [...(benches.get(one.bench) ?? []), one])
  const open = benches.size <= mostOpen
  return html`<section>
    <h2>Every bench</h2>
    <p>
      Medians with the middle half of the samples as a line; times are on a logarithmic scale, to the left is faster.
    </p>
    ${[...benches].map(
      ([name, cases]) =>
        html`<details class="bench" ${open ? 'open' : ''}>
          <summary><b>${stemOf(cases[0])}</b> <span>${name.split('/')[0]}</span></summary>
          <div class="columns">${cases.map((one) => caseChart(one, cases, looks))}</div>
        </details>`,
    )}
  </section>`
}

function caseChart(one: CaseResult, all: readonly CaseResult[], looks: Looks): Html {
  const rows = contestantsOf(one)
  const bytes = (one.bytes?.read ?? 0) + (one.bytes?.written ?? 0)
  const said = [...one.notes, ...(one.failure === undefined ? [] : [`failed: ${one.failure}`])]
  const notes = said.length === 0 ? undefined : html`<p class="notes">${said.join('; ')}</p>`
  const title = html`<h3>
    ${one.name} ${bytes === 0 ? undefined : html`<small>${showBytes(bytes)} in and out</small>`}
  </h3>`
  if (rows.length === 0) return html`<div>${title}${notes}</div>`
  const { unit } = rows[0]
  // Times of a bench share a scale, so that sizes can be compared; other units have their own.
  const shared = all.flatMap(contestantsOf).every((row) => row.unit === 'ms' && Math.min(...row.samples) > 0)
  const scale = shared ? logScale(all.flatMap((each) => contestantsOf(each).flatMap(middleHalf))) : ownScale(rows)
  return html`<div>
    ${title}
    ${chart({
      tight: true,
      scale,
      label: (value) => show(value, unit).replace(/\.0+(?= )/, ''),
      rows: rows.map((row) => timeRow(row, scale, looks, shared)),
      caption: '',
      table: [
        ['contestant', 'best', 'median', '± of it', 'p99', 'samples', 'throughput'],
        ...rows.map((row) => [
          row.name,
          show(Math.min(...row.samples), row.unit),
          show(median(row.samples), row.unit),
          Number.isFinite(medianError(row.samples)) ? `${digits(medianError(row.samples) * 100)} %` : '',
          show(quantile(row.samples, 0.99), row.unit),
          String(row.samples.length),
          row.rate === undefined ? '' : `${digits(row.rate.amount / median(row.samples))} ${row.rate.unit}`,
        ]),
      ],
    })}
    ${notes}
  </div>`
}

function timeRow(row: Row, scale: Scale, looks: Looks, asPoint: boolean) {
  const look = looks(row)
  const middle = median(row.samples)
  const [low, high] = middleHalf(row)
  const text = show(middle, row.unit)
  const point = [whisker(scale.at(low), scale.at(high), look.colour), mark(scale.at(middle), look, text)]
  return {
    name: row.name,
    colour: look.colour,
    marks: asPoint ? point : [bar(scale.at(0), scale.at(middle), look.colour, { title: text })],
    value: text,
    title: `${row.name}: median ${text}, middle half ${show(low, row.unit)} to ${show(high, row.unit)}`,
  }
}

function middleHalf({ samples }: Row): [number, number] {
  return [quantile(samples, 0.25), quantile(samples, 0.75)]
}

function ownScale(rows: readonly Row[]): Scale {
  return linearScale(Math.max(1e-6, ...rows.map(({ samples }) => median(samples))))
}
