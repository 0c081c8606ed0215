/** Answers of stats_v2: sums and series of outcomes, by group. */
import type { Series } from './types'

export interface StatsGroup {
  by: Record<string, string | number>
  totals: Record<string, number>
  series?: Record<string, number[]>
}
export interface Stats {
  start: string
  end: string
  intervals: string[]
  groups: StatsGroup[]
}
export const QUANTITY = 'sum(quantity)'

/** One group over time, as `[seconds, count]`. */
export function seriesOf(stats: Stats, group: StatsGroup | undefined): Series {
  return stats.intervals.map((at, i) => [Date.parse(at) / 1_000, group?.series?.[QUANTITY]?.[i] ?? 0])
}

/** The groups whose `by` has these values, as one series. */
export function seriesWhere(stats: Stats, by: Record<string, string>): Series {
  const those = groupsWhere(stats, by)
  return stats.intervals.map((at, i) => [
    Date.parse(at) / 1_000,
    those.reduce((sum, one) => sum + (one.series?.[QUANTITY]?.[i] ?? 0), 0),
  ])
}

export function totalWhere(stats: Stats, by: Record<string, string>): number {
  return groupsWhere(stats, by).reduce((sum, one) => sum + (one.totals[QUANTITY] ?? 0), 0)
}

function groupsWhere(stats: Stats, by: Record<string, string>): StatsGroup[] {
  return stats.groups.filter((one) => Object.entries(by).every(([key, value]) => String(one.by[key]) === value))
}

/** Whole days since the last moment with anything in it; null if there is none. */
export function silentDays(series: Series, now: number): number | null {
  const last = series.findLast(([, count]) => count > 0)
  return last ? Math.floor((now / 1_000 - last[0]) / 86_400) : null
}
