/** Stacked bars over time: what to draw, and which time a place on the drawing stands for. */
import type { Series } from './types'

export interface BarGroup {
  name: string
  series: Series
}
export interface Bar {
  /** seconds since the epoch */
  at: number
  total: number
  /** one part a group, bottom first; `from` and `to` count events */
  parts: { group: number; from: number; to: number }[]
}

const MOST = 5 // groups with a colour of their own; the rest is one

/** The biggest groups in front, small ones together as `rest`. */
export function foldGroups(groups: readonly BarGroup[], rest: string): BarGroup[] {
  const sorted = groups.toSorted((a, b) => sum(b.series) - sum(a.series))
  if (sorted.length <= MOST) return sorted
  const small = sorted.slice(MOST - 1)
  const merged = new Map<number, number>()
  for (const { series } of small) for (const [at, value] of series) merged.set(at, (merged.get(at) ?? 0) + value)
  return [...sorted.slice(0, MOST - 1), { name: rest, series: [...merged].sort(([a], [b]) => a - b) }]
}

function sum(series: Series): number {
  return series.reduce((total, [, value]) => total + value, 0)
}

/** One bar a moment, with the parts of all groups on top of each other. */
export function stackBars(groups: readonly BarGroup[]): Bar[] {
  const bars = new Map<number, Bar>()
  for (const [group, { series }] of groups.entries()) {
    for (const [at, value] of series) {
      const bar = bars.get(at) ?? { at, total: 0, parts: [] }
      if (value > 0) bar.parts.push({ group, from: bar.total, to: bar.total + value })
      bar.total += value
      bars.set(at, bar)
    }
  }
  return [...bars.values()].sort((a, b) => a.at - b.at)
}

/** Length of one bar in seconds. */
export function step(bars: readonly Bar[]): number {
  const [first, second] = bars
  return first && second ? second.at - first.at : 3_600
}

/** The time between two places of the drawing (0 to 1), widened to whole bars, in milliseconds. */
export function range(bars: readonly Bar[], a: number, b: number): { start: number; end: number } | null {
  const index = (place: number) => Math.max(0, Math.min(bars.length - 1, Math.floor(place * bars.length)))
  const [from, to] = [bars[index(Math.min(a, b))], bars[index(Math.max(a, b))]]
  if (!from || !to) return null
  return { start: from.at * 1_000, end: (to.at + step(bars)) * 1_000 }
}

/** Where a moment (ms) lies on the drawing, 0 to 1; null outside. */
export function placeOf(bars: readonly Bar[], at: number): number | null {
  const first = bars[0]
  if (!first) return null
  const place = (at / 1_000 - first.at) / (step(bars) * bars.length)
  return place >= 0 && place <= 1 ? place : null
}
