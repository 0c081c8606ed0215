/** Project, environment and time of a page, from its URL into API parameters. An empty period is all time. */
import type { Params } from './api'
import { DAY, HOUR, period } from './time'
import { s } from '../parts/strings'

export const DEFAULT_PERIOD = '14d'

/** `{project, environment, statsPeriod}` or `{…, start, end}` as the API takes them. */
export function scopeParams(params: URLSearchParams, fallback = DEFAULT_PERIOD): Params {
  const [start, end] = [params.get('start'), params.get('end')]
  const time = start && end ? { start, end, utc: 'true' } : { statsPeriod: params.get('statsPeriod') ?? fallback }
  return { project: params.getAll('project'), environment: params.getAll('environment'), ...time }
}

/** The chosen time in words: `Last 14 days`, `Nov 2 – Nov 9`. */
export function periodText(params: URLSearchParams, fallback = DEFAULT_PERIOD): string {
  const [start, end] = [params.get('start'), params.get('end')]
  if (start && end) return `${dayText(start)} – ${dayText(end)}`
  const chosen = params.get('statsPeriod') ?? fallback
  if (chosen === '') return s.allTime
  return s.periods.find(([id]) => id === chosen)?.[1] ?? `Last ${chosen}`
}

function dayText(iso: string): string {
  const date = new Date(iso)
  const time = date.toISOString().slice(11, 16) === '00:00' ? '' : ` ${iso.slice(11, 16)}`
  return `${new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric', timeZone: 'UTC' }).format(date)}${time}`
}

/** Length of the chosen time in milliseconds. */
export function scopeLength(params: URLSearchParams, fallback = DEFAULT_PERIOD): number {
  const [start, end] = [params.get('start'), params.get('end')]
  if (start && end) return Math.max(HOUR, Date.parse(end) - Date.parse(start))
  return period(params.get('statsPeriod') ?? fallback) ?? 14 * DAY
}
