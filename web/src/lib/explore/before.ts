/** The period before beside the one that is looked at: which it is, and what has changed. Pure. */
import { withParams } from '../api'
import { scopeParams } from '../scope'
import type { SeriesAnswer, Table } from './answers'
import type { Kind } from './kinds'
import { axisText, searchOf, type View } from './view'

export interface Window {
  /** milliseconds since the epoch */
  start: number
  end: number
}

/** The time of an answer, and the one of the same length before it; null while there is no answer. */
export function windowsOf(answer: SeriesAnswer | null): { now: Window; before: Window } | null {
  if (!answer?.meta) return null
  const { start, end } = answer.meta
  return { now: { start, end }, before: { start: start - (end - start), end: start } }
}

/** Every axis as one figure of a whole time. */
export function figuresPath(org: string, view: View, kind: Kind, params: URLSearchParams, time: Window): string {
  return withParams(`/organizations/${org}/events/`, {
    ...scopeParams(params, kind.period),
    statsPeriod: null,
    start: new Date(time.start).toISOString(),
    end: new Date(time.end).toISOString(),
    dataset: kind.dataset,
    query: searchOf(view),
    field: view.yAxis.map((axis) => axisText(axis, view.metric)),
  })
}

/** A figure of a table with one row; null where there is none. */
export function figureOf(table: Table | null, name: string): number | null {
  const value = table?.data[0]?.[name]
  return typeof value === 'number' ? value : null
}

/** `+12 %`, `−3.5 %`, `×14`; empty where nothing can be said. */
export function changeText(now: number | null, before: number | null): string {
  if (now === null || before === null || before === 0) return now === before && now !== null ? '±0 %' : ''
  const share = ((now - before) / Math.abs(before)) * 100
  if (share >= 1_000 && before > 0) return `×${Math.round(now / before)}`
  const size = Math.abs(share)
  const text = size >= 10 ? String(Math.round(size)) : String(Number(size.toPrecision(2)))
  return text === '0' ? '±0 %' : `${share < 0 ? '−' : '+'}${text} %`
}
