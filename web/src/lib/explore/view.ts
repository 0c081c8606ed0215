/** A page of Explore, read from its URL, and the questions it asks of the API. Pure. */
import { withParams, type Params } from '../api'
import { scopeLength, scopeParams } from '../scope'
import { DAY, HOUR, MINUTE, SECOND } from '../time'
import { quoted } from '../query'
import type { Kind } from './kinds'

export const MOST_AXES = 3
export const MOST_GROUPS = 3
export const TOP = 4 // groups drawn by name; the rest is one
const MOST_COLUMNS = 20 // of one question
const MOST_BARS = 120

export type Mode = 'samples' | 'aggregate' | 'patterns'

export interface Metric {
  name: string
  type: string
  /** `-` where values have none */
  unit: string
}

export interface View {
  query: string
  fields: readonly string[]
  yAxis: readonly string[]
  groupBy: readonly string[]
  mode: Mode
  sort: string
  cursor: string
  metric: Metric | null
  /** whether the period before is drawn, too */
  isCompared: boolean
}

/** What the URL says, what it leaves out filled in. */
export function viewOf(params: URLSearchParams, kind: Kind): View {
  const metric = kind.name === 'metrics' ? metricOf(params.get('metric') ?? '') : null
  const axes = params.getAll('yAxis').filter(Boolean)
  const fields = params.getAll('field').filter(Boolean)
  return {
    query: params.get('query') ?? '',
    fields: fields.length ? fields : kind.fields,
    yAxis: (axes.length ? axes : metric ? [usualAxis(metric)] : kind.yAxis).slice(0, MOST_AXES),
    groupBy: params.getAll('groupBy').filter(Boolean).slice(0, MOST_GROUPS),
    mode: modeOf(params.get('mode'), kind),
    sort: params.get('sort') ?? '',
    cursor: params.get('cursor') ?? '',
    metric,
    isCompared: params.get('compare') === '1',
  }
}

function modeOf(text: string | null, kind: Kind): Mode {
  if (text === 'aggregate') return 'aggregate'
  return text === 'patterns' && kind.name === 'logs' ? 'patterns' : 'samples'
}

/** `latency,distribution,millisecond`; names may hold commas. */
export function metricOf(text: string): Metric | null {
  const parts = text.split(',')
  const [unit, type] = [parts.pop(), parts.pop()]
  const name = parts.join(',')
  return name && type ? { name, type, unit: unit && unit !== 'none' ? unit : '-' } : null
}

export function metricText(metric: Metric): string {
  return `${metric.name},${metric.type},${metric.unit}`
}

const FORMULA = 'equation|'

/** What several functions make together: `equation|failure_count() / count() * 100`. */
export function isFormula(axis: string): boolean {
  return axis.startsWith(FORMULA)
}

/** A formula as an axis. */
export function formulaAxis(text: string): string {
  return FORMULA + text
}

/** An axis as people read it. */
export function axisLabel(axis: string): string {
  return isFormula(axis) ? axis.slice(FORMULA.length) : axis
}

/** What one asks of a metric first. */
export function usualAxis(metric: Metric): string {
  return { counter: 'sum(value)', gauge: 'avg(value)' }[metric.type] ?? 'p95(value)'
}

export interface Call {
  name: string
  argument: string
}

/** `p95(span.duration)` in its parts. */
export function callOf(text: string): Call {
  const found = /^(\w+)\((.*)\)$/s.exec(text)
  return { name: found?.[1] ?? text, argument: found?.[2] ?? '' }
}

/** A function or a formula as the API wants it: of metrics, with the metric that `value` is of. */
export function axisText(axis: string, metric: Metric | null): string {
  if (!metric) return axis
  const named = [metric.name, metric.type, metric.unit].map(argumentText).join()
  return axis.replace(/\(value\)/g, () => `(value,${named})`)
}

/** A text as an argument of a function: what would end it stands in quotes. */
export function argumentText(text: string): string {
  return /[,"()]|^\s|\s$/.test(text) ? `"${text.replace(/["\\]/g, '\\$&')}"` : text
}

/** Whether values of a function add up, so that they can be stacked. */
export function addsUp(axis: string): boolean {
  return ['count', 'sum', 'failure_count', 'epm', 'eps', 'per_second', 'per_minute'].includes(callOf(axis).name)
}

/** The search, narrowed to the chosen metric. */
export function searchOf(view: View): string {
  if (!view.metric) return view.query
  return `metric.name:${quoted(view.metric.name)} metric.type:${view.metric.type} ${view.query}`.trim()
}

function asked(view: View, kind: Kind, params: URLSearchParams): Params {
  return { dataset: kind.dataset, query: searchOf(view), ...scopeParams(params, kind.period) }
}

export function samplesPath(org: string, view: View, kind: Kind, params: URLSearchParams): string {
  const field = [...new Set([...view.fields, ...kind.also])].slice(0, MOST_COLUMNS)
  const sort = view.sort || '-timestamp'
  if (!field.includes(sort.replace(/^-/, ''))) field[Math.min(field.length, MOST_COLUMNS - 1)] = sort.replace(/^-/, '')
  const rest = { field, sort, per_page: 50, cursor: view.cursor }
  return withParams(`/organizations/${org}/events/`, { ...asked(view, kind, params), ...rest })
}

export function groupsPath(org: string, view: View, kind: Kind, params: URLSearchParams): string {
  const axes = view.yAxis.map((axis) => axisText(axis, view.metric))
  const rest = {
    field: [...view.groupBy, ...axes],
    sort: view.sort || `-${axes[0] ?? 'count()'}`,
    per_page: 50,
    cursor: view.cursor,
  }
  return withParams(`/organizations/${org}/events/`, { ...asked(view, kind, params), ...rest })
}

/** One series a function, or `TOP` and the rest of them where there are groups. */
export function seriesPath(
  org: string,
  view: View,
  kind: Kind,
  params: URLSearchParams,
  groupBy: readonly string[] = view.groupBy,
): string {
  const yAxis = view.yAxis.map((axis) => axisText(axis, view.metric))
  const groups = groupBy.length ? { groupBy: [...groupBy], topEvents: TOP, sort: `-${yAxis[0] ?? ''}` } : {}
  const length = scopeLength(params, kind.period)
  const before = view.isCompared ? { comparisonDelta: Math.round(length / SECOND) } : {}
  const rest = { yAxis, interval: intervalOf(length), ...groups, ...before }
  return withParams(`/organizations/${org}/events-timeseries/`, { ...asked(view, kind, params), ...rest })
}

const INTERVALS: readonly (readonly [string, number])[] = [
  ['1m', MINUTE],
  ['5m', 5 * MINUTE],
  ['15m', 15 * MINUTE],
  ['30m', 30 * MINUTE],
  ['1h', HOUR],
  ['4h', 4 * HOUR],
  ['12h', 12 * HOUR],
  ['1d', DAY],
]

/** The finest step that keeps bars wide enough to point at. */
export function intervalOf(length: number): string {
  return INTERVALS.find(([, step]) => length / step <= MOST_BARS)?.[0] ?? '1d'
}
