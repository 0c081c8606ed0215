/** Durations over time as a grid of counts, and the part of it somebody chose. */
import { quoted } from '../query'
import { type SeriesAnswer } from './answers'

/** Upper ends of the rows, in milliseconds; what is longer has a row of its own. */
export const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000] as const

export interface Heat {
  /** milliseconds since the epoch, one a column */
  times: readonly number[]
  /** lower and upper end of each row in milliseconds, shortest first; the last may be open */
  rows: readonly { from: number; to: number }[]
  /** counts by row, then column */
  counts: readonly (readonly number[])[]
  most: number
}

/** The functions that count spans up to each step, and all of them. */
export function heatAxes(): string[] {
  return [...STEPS.map((step) => `count_if(span.duration,lessOrEquals,${step})`), 'count()']
}

/** Counts between the steps; rows without a span at either end are left out. */
export function heatOf(answer: SeriesAnswer | null): Heat | null {
  const series = heatAxes().map((axis) => answer?.timeSeries.find((one) => one.yAxis === axis)?.values ?? [])
  const times = (series.at(-1) ?? []).map((one) => one.timestamp)
  const upTo = series.map((values) => times.map((_, i) => values[i]?.value ?? 0))
  const all = upTo.map((row, r) => row.map((value, i) => Math.max(0, value - (upTo[r - 1]?.[i] ?? 0))))
  const used = all.map((row) => row.some((value) => value > 0))
  const [first, last] = [used.indexOf(true), used.lastIndexOf(true)]
  if (first < 0) return null
  const ends = [0, ...STEPS, Infinity]
  const counts = all.slice(first, last + 1)
  return {
    times,
    rows: counts.map((_, i) => ({ from: ends[first + i] ?? 0, to: ends[first + i + 1] ?? Infinity })),
    counts,
    most: Math.max(...counts.flat()),
  }
}

/** A chosen part: times in milliseconds since the epoch, durations in milliseconds. */
export interface Box {
  start: number
  end: number
  from: number
  to: number
}

/** The part between two corners, each across and up from 0 to 1, widened to whole cells. */
export function boxOf(heat: Heat, a: readonly [number, number], b: readonly [number, number]): Box {
  const [columns, rows] = [heat.times.length, heat.rows.length]
  const cell = (share: number, count: number) => Math.max(0, Math.min(count - 1, Math.floor(share * count)))
  const [left, right] = [cell(Math.min(a[0], b[0]), columns), cell(Math.max(a[0], b[0]), columns)]
  const [low, high] = [cell(Math.min(a[1], b[1]), rows), cell(Math.max(a[1], b[1]), rows)]
  const step = (heat.times[1] ?? 0) - (heat.times[0] ?? 0) || 60_000
  return {
    start: heat.times[left] ?? 0,
    end: (heat.times[right] ?? 0) + step,
    from: heat.rows[low]?.from ?? 0,
    to: heat.rows[high]?.to ?? Infinity,
  }
}

/** As it stands in the URL: `start,end,from,to`. */
export function boxText(box: Box): string {
  return [box.start, box.end, box.from, box.to === Infinity ? '' : box.to].join(',')
}

/** A cell by its column, and its row from below. */
export type Cell = readonly [column: number, row: number]

/** The cell that a key leads to; null for keys that lead nowhere. */
export function steered([column, row]: Cell, key: string, heat: Heat): Cell | null {
  const [columns, rows] = [heat.times.length, heat.rows.length]
  const to = (c: number, r: number): Cell => [Math.max(0, Math.min(columns - 1, c)), Math.max(0, Math.min(rows - 1, r))]
  if (key === 'ArrowLeft') return to(column - 1, row)
  if (key === 'ArrowRight') return to(column + 1, row)
  if (key === 'ArrowUp') return to(column, row + 1)
  if (key === 'ArrowDown') return to(column, row - 1)
  if (key === 'Home') return to(0, row)
  return key === 'End' ? to(columns - 1, row) : null
}

/** The middle of a cell, as `boxOf` takes it. */
export function middleOf([column, row]: Cell, heat: Heat): readonly [number, number] {
  return [(column + 0.5) / heat.times.length, (row + 0.5) / heat.rows.length]
}

export function boxFrom(text: string): Box | null {
  const [start = NaN, end = NaN, from = NaN, to] = text.split(',').map((part) => (part ? Number(part) : Infinity))
  if (![start, end, from].every(Number.isFinite) || to === undefined || Number.isNaN(to)) return null
  return { start, end, from, to }
}

/** The search that finds the spans of a part. */
export function boxQuery(query: string, box: Box): string {
  const time = (at: number) => quoted(new Date(at).toISOString())
  return [
    query,
    `timestamp:>=${time(box.start)}`,
    `timestamp:<${time(box.end)}`,
    ...(box.from > 0 ? [`span.duration:>${box.from}ms`] : []),
    ...(box.to < Infinity ? [`span.duration:<=${box.to}ms`] : []),
  ]
    .filter(Boolean)
    .join(' ')
}
