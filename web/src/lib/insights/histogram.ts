/** How often durations of each length were seen: bars counted by one question. Pure. */
import type { Row } from '../explore/answers'

export interface Bar {
  /** milliseconds; the last bar has no end */
  from: number
  to: number
  count: number
}

const BARS = 19 // and one for what is longer: the API gives twenty columns
const NICE = [1, 2, 2.5, 5, 10] as const

/** Upper ends of bars of one width that hold all but the longest, in milliseconds. */
export function edgesOf(p99: number): number[] {
  const least = Math.max(p99, 1e-3) / (BARS - 1)
  const unit = 10 ** Math.floor(Math.log10(least))
  const step = (NICE.find((one) => one * unit >= least * (1 - 1e-9)) ?? 10) * unit
  return Array.from({ length: BARS }, (_, i) => Number(((i + 1) * step).toPrecision(6)))
}

function upTo(edge: number): string {
  return `count_if(span.duration,lessOrEquals,${edge})`
}

/** The functions that count what is no longer than each edge, and all. */
export function axesOf(edges: readonly number[]): string[] {
  return [...edges.map(upTo), 'count()']
}

/** The bars between the edges, and what is longer than all of them where there is such. */
export function barsOf(row: Row | undefined, edges: readonly number[]): Bar[] {
  if (!row) return []
  const ends = [...edges, Infinity]
  const counts = axesOf(edges).map((axis) => Number(row[axis] ?? 0))
  const bars = ends.map((to, i) => ({
    from: ends[i - 1] ?? 0,
    to,
    count: Math.max(0, (counts[i] ?? 0) - (counts[i - 1] ?? 0)),
  }))
  while (bars.length > 1 && bars.at(-1)?.count === 0) bars.pop()
  return bars
}

/** Where a duration stands among bars of one width, 0 to 1; null beyond them. */
export function placeAmong(bars: readonly Bar[], value: number): number | null {
  const width = bars[0]?.to ?? 0
  return width > 0 && value / width <= bars.length ? value / width / bars.length : null
}
