/** Questions of the Insights pages to the API, and the same questions in Explore. Pure. */
import { withParams, type Params } from '../api'
import { intervalOf } from '../explore/view'
import { quoted } from '../query'
import { scopeLength, scopeParams } from '../scope'

export const PERIOD = '24h'
const TOP = 10 // groups that a series tells apart

/** What a widget asks of the spans. */
export interface Ask {
  query: string
  /** functions: of the lines, or of the columns */
  yAxis: readonly string[]
  groupBy?: readonly string[]
  /** descending by the first function, where it is not told */
  sort?: string
}

/** Searches that must all hold, as one; empty ones are left out. */
export function both(...queries: readonly string[]): string {
  const held = queries.map((one) => one.trim()).filter(Boolean)
  // OR binds less than standing side by side
  return held.map((one) => (held.length > 1 && /\bOR\b/i.test(one) ? `(${one})` : one)).join(' ')
}

/** `key:value` for all pairs; an empty value asks for rows without one. */
export function where(pairs: Record<string, string>): string {
  return Object.entries(pairs)
    .map(([key, value]) => (value === '' ? `!has:${key}` : `${key}:${literal(value)}`))
    .join(' ')
}

/** A value as it stands, also where it holds what a search would read as "anything". */
function literal(value: string): string {
  const written = quoted(value)
  return written.replaceAll('*', '\\*')
}

function asked(query: string, params: URLSearchParams): Params {
  return { dataset: 'spans', query, ...scopeParams(params, PERIOD) }
}

/** Lines over time; of groups, the `TOP` first. */
export function seriesPath(org: string, ask: Ask, params: URLSearchParams): string {
  const groups = ask.groupBy?.length
    ? { groupBy: [...ask.groupBy], topEvents: TOP, sort: ask.sort ?? `-${ask.yAxis[0] ?? ''}` }
    : {}
  const rest = { yAxis: [...ask.yAxis], interval: intervalOf(scopeLength(params, PERIOD)), ...groups }
  return withParams(`/organizations/${org}/events-timeseries/`, { ...asked(ask.query, params), ...rest })
}

/** One row a group. */
export function groupsPath(org: string, ask: Ask, params: URLSearchParams, cursor = '', limit = 25): string {
  const rest = {
    field: [...(ask.groupBy ?? []), ...ask.yAxis],
    sort: ask.sort ?? `-${ask.yAxis[0] ?? ''}`,
    per_page: limit,
    cursor,
  }
  return withParams(`/organizations/${org}/events/`, { ...asked(ask.query, params), ...rest })
}

/** Single spans. */
export function samplesPath(
  org: string,
  query: string,
  fields: readonly string[],
  sort: string,
  params: URLSearchParams,
  limit = 5,
): string {
  const rest = { field: [...fields], sort, per_page: limit }
  return withParams(`/organizations/${org}/events/`, { ...asked(query, params), ...rest })
}

const MOST_AXES = 3 // that Explore draws

/** The page of Explore that shows the same. */
export function explorePath(org: string, ask: Ask, params: URLSearchParams): string {
  const groupBy = [...(ask.groupBy ?? [])].slice(0, 3)
  const shown = {
    query: ask.query,
    yAxis: ask.yAxis.slice(0, MOST_AXES),
    groupBy,
    mode: groupBy.length ? 'aggregate' : '',
    ...scopeParams(params, PERIOD),
  }
  return withParams(`/organizations/${org}/explore/traces/`, shown)
}

/** The summary of one transaction. */
export function summaryPath(org: string, transaction: string, project: string, params: URLSearchParams): string {
  const { start, end, statsPeriod, environment } = scopeParams(params, PERIOD)
  const rest = start ? { start, end } : { statsPeriod }
  return withParams(`/organizations/${org}/insights/summary/`, { transaction, project, environment, ...rest })
}
