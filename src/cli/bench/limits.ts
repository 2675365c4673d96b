import type { CaseResult, Results, Row } from './results.ts'
import { median } from './statistics.ts'

/** What the machine can do, as measured in the same run: GB/s of memory, GFLOP/s by type and threads. */
export type Limits = ReadonlyMap<string, number>

/** The best that was seen of each limit. */
export function limitsOf({ cases }: Pick<Results, 'cases'>): Limits {
  const limits = new Map<string, number>()
  for (const row of cases.flatMap(({ rows }) => rows)) {
    if (row.limit === undefined || row.rate === undefined) continue
    const best = row.rate.amount / Math.min(...row.samples)
    limits.set(row.limit, Math.max(limits.get(row.limit) ?? 0, best))
  }
  return limits
}

/** How much of what the machine allows a run took, and which limit it is that holds it. */
export interface Share {
  /** 0 to 1, or a little over: limits are measured as well. */
  readonly part: number
  readonly by: 'memory' | 'arithmetic'
}

/**
 * The roofline (Williams, Waterman and Patterson, 2009): a run can't be shorter than reading its input and writing its
 * result take at the bandwidth of memory, where they exceed the caches, nor than its arithmetic takes at full speed.
 */
export function shareOf(one: CaseResult, row: Row, limits: Limits, cacheBytes: number): Share | undefined {
  const took = median(row.samples)
  const shares: Share[] = []
  const bandwidth = limits.get('memory, all threads')
  const moved = (one.bytes?.read ?? 0) + (one.bytes?.written ?? 0)
  // GB/s are MB a millisecond.
  if (bandwidth !== undefined && moved > cacheBytes) shares.push({ part: moved / 1e6 / bandwidth / took, by: 'memory' })
  const peak = limits.get(`${one.dtype === 'Float32Array' ? 'float32' : 'float64'}, all threads`)
  if (peak !== undefined && row.rate?.unit === 'GFLOP/s') {
    shares.push({ part: row.rate.amount / peak / took, by: 'arithmetic' })
  }
  return shares.toSorted((a, b) => b.part - a.part)[0]
}
