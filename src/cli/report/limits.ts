import { limitsOf, shareOf } from '../bench/limits.ts'
import type { Limits } from '../bench/limits.ts'
import type { CaseResult, Results, Row } from '../bench/results.ts'
import { median } from '../bench/statistics.ts'
import { digits, show, showBytes } from '../format.ts'
import { bar, chart } from './chart.ts'
import { offloopRow, stemOf } from './contestant.ts'
import { html } from './html.ts'
import type { Html } from './html.ts'
import { linearScale } from './scale.ts'

/** How near to what the machine can do at all. */
export function limitsSection(results: Results): Html | undefined {
  const limits = limitsOf(results)
  if (limits.size === 0) return undefined
  const { cacheBytes } = results.machine
  const shares = nearest(results.cases, limits, cacheBytes)
  if (shares.length === 0) return undefined
  const scale = linearScale(Math.max(1, ...shares.map(({ part }) => part)))
  const percent = (part: number): string => `${Math.round(part * 100)} %`
  return html`<section>
    <h2>Distance to the machine’s limits</h2>
    <p>
      No program can be faster than the memory brings its input and takes its result, where they exceed the caches, or
      than the vector units do its arithmetic. Each kernel beside the limit that is nearer, both measured in the same
      run:
    </p>
    <dl class="limits">
      ${[...limits].map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${digits(value)} ${name.startsWith('memory') ? 'GB/s' : 'GFLOP/s'}</dd>
          </div>`,
      )}
    </dl>
    ${chart({
      scale,
      lines: [1],
      label: percent,
      rows: shares.map(({ one, row, part, by }) => ({
        name: stemOf(one),
        note: one.name,
        marks: [bar(scale.at(0), scale.at(part), by, { title: `${percent(part)} of what ${by} allows` })],
        value: percent(part),
        title: `${stemOf(one)}, ${one.name}: ${percent(part)} of what ${by} allows, by ${row.name}`,
      })),
      caption: html`Of the shortest time possible, by <b class="memory">memory</b> (what is read and written at least,
        once) or <b class="arithmetic">arithmetic</b>, how much of a median call it is. Memory is the best of sum,
        minmax and memcpy over arrays larger than the caches (${showBytes(cacheBytes)} is taken for them); arithmetic is
        offloop’s own matmul, so it can’t be far from itself.`,
      table: [
        ['kernel', 'input', 'limit', 'median', 'of the limit'],
        ...shares.map(({ one, row, part, by }) => [
          stemOf(one),
          one.name,
          by,
          show(median(row.samples), 'ms'),
          percent(part),
        ]),
      ],
    })}
  </section>`
}

/** The case of each kernel that comes nearest, by what is known of it. */
function nearest(cases: readonly CaseResult[], limits: Limits, cacheBytes: number) {
  const best = new Map<string, { one: CaseResult; row: Row; part: number; by: 'memory' | 'arithmetic' }>()
  for (const one of cases.filter(({ bench }) => bench.startsWith('kernels/'))) {
    const row = one.rows.find(({ name }) => name === 'native, out') ?? offloopRow(one)
    const share = row === undefined ? undefined : shareOf(one, row, limits, cacheBytes)
    if (row === undefined || share === undefined) continue
    if (share.part > (best.get(one.bench)?.part ?? 0)) best.set(one.bench, { one, row, ...share })
  }
  return [...best.values()].toSorted((a, b) => b.part - a.part)
}
