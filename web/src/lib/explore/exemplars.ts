/** Single values of a metric that stand for many: the highest and the middle one of each slice of the time. Pure. */
import { withParams } from '../api'
import type { Row, SeriesAnswer } from './answers'
import type { Kind } from './kinds'
import { isTrace } from './links'
import { scopeParams } from '../scope'
import { callOf, searchOf, type View } from './view'

export interface Exemplar {
  /** milliseconds since the epoch */
  at: number
  value: number
  trace: string
  span: string
  isHighest: boolean
}

export interface Edges {
  least: number
  top: number
}

export const MOST = 30
const SAMPLES = 100 // of one page
const ON_SCALE = /^(avg|min|max|p\d+)$/

/** Values that have a trace: the greatest first, or any of them, as the ids of spans are random. */
export function candidatesPath(
  org: string,
  view: View,
  kind: Kind,
  params: URLSearchParams,
  sort: '-value' | '-span_id',
): string {
  return withParams(`/organizations/${org}/events/`, {
    ...scopeParams(params, kind.period),
    dataset: kind.dataset,
    query: `${searchOf(view)} has:trace`,
    field: ['id', 'timestamp', 'value', 'trace', 'span_id'],
    sort,
    per_page: SAMPLES,
  })
}

/** At most `MOST` of the rows, in the order of their times. Rows may come twice. */
export function exemplarsOf(rows: readonly Row[], start: number, end: number): Exemplar[] {
  const slices = new Map<number, Map<string, Exemplar>>()
  for (const row of rows) {
    const one = exemplarOf(row)
    if (!one || one.at < start || one.at >= end) continue
    const slice = Math.floor(((one.at - start) / (end - start)) * (MOST / 2))
    const own = slices.get(slice) ?? new Map<string, Exemplar>()
    slices.set(slice, own.set(String(row['id']), one))
  }
  return [...slices.values()].flatMap(chosen).sort((a, b) => a.at - b.at)
}

function exemplarOf(row: Row): Exemplar | null {
  const [value, trace] = [row['value'], String(row['trace'] ?? '')]
  const at = Date.parse(String(row['timestamp']))
  if (typeof value !== 'number' || !isTrace(trace) || Number.isNaN(at)) return null
  return { at, value, trace, span: String(row['span_id'] ?? ''), isHighest: false }
}

function chosen(slice: ReadonlyMap<string, Exemplar>): Exemplar[] {
  const sorted = [...slice.values()].sort((a, b) => a.value - b.value)
  const [middle, highest] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted.at(-1)]
  return [...(middle && middle !== highest ? [middle] : []), ...(highest ? [{ ...highest, isHighest: true }] : [])]
}

/** How high a value stands on the chart of a function, from 0 to 1: on the ground where the chart shows no single values. */
export function heightOn(axis: string, value: number, { least, top }: Edges): number {
  if (!ON_SCALE.test(callOf(axis).name) || top <= least) return 0
  return Math.max(0, Math.min(1, (value - least) / (top - least)))
}

/** The least and the greatest value that a chart of a function has, zero and the period before included. */
export function edgesOf(answer: SeriesAnswer | null, axis: string): Edges {
  const values = (answer?.timeSeries ?? []).filter((one) => one.yAxis === axis).flatMap((one) => one.values)
  const all = [0, ...values.flatMap((at) => [at.value ?? 0, at.comparisonValue ?? 0])]
  return { least: Math.min(...all), top: Math.max(...all) }
}
