/** What the API answers to questions of Explore, and its values as people read them. */
import { bytes, full, short } from '../number'
import { DAY, duration, HOUR, MINUTE, SECOND, WEEK } from '../time'
import { s } from '../../parts/strings'

export type Value = string | number | boolean | null | readonly unknown[]
export type Row = Record<string, Value>

export interface Table {
  data: Row[]
  meta: { fields: Record<string, string>; units: Record<string, string | null> }
}

export interface TimeSeries {
  yAxis: string
  groupBy: { key: string; value: Value }[] | null
  values: { timestamp: number; value: number | null; comparisonValue?: number | null; incomplete?: boolean }[]
  meta: { valueType?: string | null; valueUnit?: string | null; interval: number; isOther?: boolean; order?: number }
}

export interface SeriesAnswer {
  timeSeries: TimeSeries[]
  /** the time asked for, in milliseconds */
  meta?: { start: number; end: number }
}

export interface Line {
  name: string
  /** milliseconds since the epoch, and the value there */
  points: readonly (readonly [number, number | null])[]
  /** the values of the period before, at the times of these points, where they were asked for */
  before?: readonly (number | null)[]
}

/** The lines of one function, in the server's order, the rest at the end. */
export function linesOf(answer: SeriesAnswer | null, axis: string): Line[] {
  return (answer?.timeSeries ?? [])
    .filter((one) => one.yAxis === axis)
    .toSorted((a, b) => rank(a) - rank(b))
    .map((one) => ({
      name: nameOf(one),
      points: one.values.map((at) => [at.timestamp, at.value] as const),
      ...(one.values.some((at) => at.comparisonValue !== undefined)
        ? { before: one.values.map((at) => at.comparisonValue ?? null) }
        : {}),
    }))
}

function rank(series: TimeSeries): number {
  return series.meta.isOther ? Infinity : (series.meta.order ?? 0)
}

function nameOf(series: TimeSeries): string {
  if (series.meta.isOther) return s.others
  return (series.groupBy ?? []).map((one) => textOf(one.value) || s.noValue).join(' · ')
}

/** Type and unit of a function's values, as the chart formats them. */
export function measureOf(answer: SeriesAnswer | null, axis: string): { type: string; unit: string | null } {
  const meta = answer?.timeSeries.find((one) => one.yAxis === axis)?.meta
  return { type: meta?.valueType ?? 'number', unit: meta?.valueUnit ?? null }
}

export function textOf(value: Value | undefined): string {
  if (value == null) return ''
  return Array.isArray(value) ? value.map(String).join(', ') : String(value as string | number | boolean)
}

const MS: Record<string, number> = {
  nanosecond: 1e-6,
  microsecond: 1e-3,
  millisecond: 1,
  second: SECOND,
  minute: MINUTE,
  hour: HOUR,
  day: DAY,
  week: WEEK,
}
const BYTES: Record<string, number> = {
  bit: 1 / 8,
  byte: 1,
  kilobyte: 1e3,
  kibibyte: 1024,
  megabyte: 1e6,
  mebibyte: 1024 ** 2,
  gigabyte: 1e9,
  gibibyte: 1024 ** 3,
  terabyte: 1e12,
  tebibyte: 1024 ** 4,
}

/** A number with its unit: `41 ms`, `2.3 MB`, `12 %`, `3.2/s`, `$0.013`. */
export function measured(value: number, type: string, unit: string | null | undefined): string {
  if (unit && unit in MS) return lasting(value * (MS[unit] ?? 1))
  if (unit && unit in BYTES) return bytes(Math.round(value * (BYTES[unit] ?? 1)))
  if (type === 'percentage' || unit === 'ratio') return `${decimal(value * 100)} %`
  if (unit === 'percent') return `${decimal(value)} %`
  if (unit === '1/second') return `${decimal(value)}/s`
  if (unit === '1/minute') return `${decimal(value)}/min`
  if (unit === 'usd') return `$${value < 1 ? value.toPrecision(2) : value.toFixed(2)}`
  const text = decimal(value)
  return unit && !['none', '-'].includes(unit) ? `${text} ${unit}` : text
}

function lasting(length: number): string {
  return length < 0 ? `−${duration(-length)}` : length === 0 ? '0 ms' : duration(length)
}

function decimal(value: number): string {
  if (Math.abs(value) >= 10_000) return short(value)
  if (Number.isInteger(value)) return full(value)
  return Math.abs(value) >= 100 ? full(Math.round(value)) : String(Number(value.toPrecision(3)))
}

export function isNumber(type: string | undefined): boolean {
  return ['integer', 'number', 'duration', 'size', 'percentage'].includes(type ?? '')
}
