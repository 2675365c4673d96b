import { limitsOf } from '../bench/limits.ts'
import type { CaseResult, Results, Row } from '../bench/results.ts'
import { median } from '../bench/statistics.ts'
import { digits, plain } from '../format.ts'
import { bar, chart, mark } from './chart.ts'
import { contestantsOf, largestCases, offloopRow, stemOf } from './contestant.ts'
import type { Looks } from './contestant.ts'
import { html } from './html.ts'
import type { Html } from './html.ts'
import { linearScale } from './scale.ts'

const titles: Readonly<Record<string, string>> = {
  'GB/s': 'Gigabytes a second',
  'GFLOP/s': 'Billions of operations a second',
  'million/s': 'Millions of elements a second',
}

/** Work by time, for each unit of work. */
export function throughputSection(results: Results, looks: Looks): Html | undefined {
  const byUnit = new Map<string, CaseResult[]>()
  for (const one of largestCases(results)) {
    const unit = offloopRow(one)?.rate?.unit
    if (unit !== undefined) byUnit.set(unit, [...(byUnit.get(unit) ?? []), one])
  }
  if (byUnit.size === 0) return undefined
  return html`<section>
    <h2>Throughput</h2>
    <p>What is done in a second on the largest input: the bar is offloop, the marks are the others.</p>
    <div class="columns">${[...byUnit].map(([unit, cases]) => unitChart(unit, cases, results, looks))}</div>
  </section>`
}

function rateOf({ rate, samples }: Row): number {
  return (rate?.amount ?? 0) / median(samples)
}

function unitChart(unit: string, cases: readonly CaseResult[], results: Results, looks: Looks): Html {
  const bandwidth = unit === 'GB/s' ? limitsOf(results).get('memory, all threads') : undefined
  const rows = cases
    .map((one) => ({ one, best: offloopRow(one)!, others: othersOf(one) }))
    .toSorted((a, b) => rateOf(b.best) - rateOf(a.best))
  const scale = linearScale(
    Math.max(bandwidth ?? 0, ...rows.flatMap(({ best, others }) => [best, ...others].map(rateOf))),
  )
  return html`<div>
    <h3>${titles[unit] ?? unit}</h3>
    ${chart({
      tight: true,
      scale,
      lines: bandwidth === undefined ? [] : [bandwidth],
      label: plain,
      rows: rows.map(({ one, best, others }) => ({
        name: stemOf(one),
        marks: [
          bar(scale.at(0), scale.at(rateOf(best)), looks(best).colour, {
            title: `${best.name}: ${digits(rateOf(best))}`,
          }),
          ...others.map((row) => mark(scale.at(rateOf(row)), looks(row), `${digits(rateOf(row))} ${unit}`)),
        ],
        value: digits(rateOf(best)),
        title: `${stemOf(one)}, ${one.name}: ${[best, ...others].map((row) => `${row.name} ${digits(rateOf(row))} ${unit}`).join(', ')}`,
      })),
      caption: `${unit}, by median times${bandwidth === undefined ? '' : '; the dotted line is the memory’s bandwidth, which what fits the caches may exceed'}.`,
      table: [
        ['kernel', 'input', 'contestant', unit],
        ...rows.flatMap(({ one, best, others }) =>
          [best, ...others].map((row) => [stemOf(one), one.name, row.name, digits(rateOf(row))]),
        ),
      ],
    })}
  </div>`
}

function othersOf(one: CaseResult): Row[] {
  const best = offloopRow(one)
  return contestantsOf(one).filter((row) => row !== best && ['plain', 'worker', 'peer'].includes(row.kind ?? ''))
}
