import type { CaseResult, Results, Row } from '../bench/results.ts'

/** How a contestant looks: the same in every chart. */
export interface Look {
  readonly name: string
  /** Class with its colour. */
  readonly colour: string
  readonly shape: Shape
}

export type Shape = 'disc' | 'ring' | 'square' | 'diamond' | 'up' | 'down' | 'cross'

const known: Readonly<Record<string, Look>> = {
  'plain JS': { name: 'plain JavaScript', colour: 'plain', shape: 'ring' },
  inline: { name: 'inline', colour: 'inline', shape: 'down' },
  worker: { name: 'worker', colour: 'worker', shape: 'square' },
  'native, sync': { name: 'native, sync', colour: 'native', shape: 'up' },
  native: { name: 'native', colour: 'native', shape: 'disc' },
  'native, out': { name: 'native, out', colour: 'native', shape: 'diamond' },
}

/** Colours that style.ts has for npm packages. */
const peerColours = 6

export type Looks = (row: Pick<Row, 'name' | 'kind'>) => Look

/** Npm packages get their colours in the order in which they come up. */
export function looksOf({ cases }: Results): Looks {
  const peers = [...new Set(cases.flatMap(({ rows }) => rows.filter(({ kind }) => kind === 'peer')).map((r) => r.name))]
  return ({ name, kind }) => {
    if (kind === 'peer') return { name, colour: `peer${peers.indexOf(name) % peerColours}`, shape: 'cross' }
    return known[name] ?? { name, colour: 'other', shape: 'disc' }
  }
}

/** Rows that stand for a contestant, not for a number of threads. */
export function contestantsOf({ rows }: CaseResult): Row[] {
  return rows.filter(({ threads }) => threads === undefined)
}

/** The row of offloop that a caller gets: native where there is a binary. */
export function offloopRow({ rows }: CaseResult): Row | undefined {
  return rows.find(({ name }) => name === 'native') ?? rows.find(({ name }) => name === 'worker')
}

/** The case of each kernel with most work, if offloop took part. */
export function largestCases({ cases }: Results): CaseResult[] {
  const byBench = new Map<string, CaseResult>()
  for (const one of cases) {
    if (!one.bench.startsWith('kernels/') || offloopRow(one) === undefined) continue
    const before = byBench.get(one.bench)
    if (before === undefined || weight(one) > weight(before)) byBench.set(one.bench, one)
  }
  return [...byBench.values()]
}

// Cases with a plain loop to compare with come before larger ones that have none.
function weight({ rows }: CaseResult): number {
  const plain = rows.some(({ kind }) => kind === 'plain')
  return (plain ? 1e12 : 0) + Math.max(...rows.map(({ samples }) => Math.max(...samples)))
}

/** `sum` of `kernels/sum`. */
export function stemOf({ bench }: Pick<CaseResult, 'bench'>): string {
  return bench.slice(bench.indexOf('/') + 1)
}
