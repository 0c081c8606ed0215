import { describe, expect, test } from 'vitest'
import type { Row } from '../src/lib/explore/answers'
import { candidatesPath, exemplarsOf, edgesOf, heightOn, MOST } from '../src/lib/explore/exemplars'
import { KINDS } from '../src/lib/explore/kinds'
import { viewOf } from '../src/lib/explore/view'

const TRACE = 'a'.repeat(32)
const HOUR = 3_600_000

function row(id: number, at: number, value: number, more: Row = {}): Row {
  return {
    id: String(id),
    timestamp: new Date(at).toISOString(),
    value,
    trace: TRACE,
    span_id: 'b'.repeat(16),
    ...more,
  }
}

describe('exemplars', () => {
  test('are the middle and the highest value of each slice of the time', () => {
    const rows = [row(1, 0, 5), row(2, 1, 1), row(3, 2, 3), row(4, HOUR - 1, 7), row(1, 0, 5)]
    expect(exemplarsOf(rows, 0, HOUR).map((one) => [one.at, one.value, one.isHighest])).toEqual([
      [0, 5, true],
      [2, 3, false],
      [HOUR - 1, 7, true],
    ])
  })

  test('have a trace, and lie within the time', () => {
    const rows = [
      row(1, 0, 1, { trace: '0'.repeat(32) }),
      row(2, 0, 1, { trace: null }),
      row(3, HOUR, 1),
      row(4, -1, 1),
      row(5, 5, 1, { value: null }),
      row(6, 5, 1, { timestamp: 'soon' }),
    ]
    expect(exemplarsOf(rows, 0, HOUR)).toEqual([])
  })

  test('are few, however many values there are', () => {
    const rows = Array.from({ length: 5_000 }, (_, i) => row(i, (i / 5_000) * HOUR, (i * 7919) % 101))
    const found = exemplarsOf(rows, 0, HOUR)
    expect(found).toHaveLength(MOST)
    expect(found.filter((one) => one.isHighest).every((one) => one.value === 100)).toBe(true)
    expect(found.every((one, i) => i === 0 || one.at >= (found[i - 1]?.at ?? 0))).toBe(true)
  })

  test('are chosen among the greatest values and any', () => {
    const url = new URLSearchParams('metric=latency,distribution,millisecond&query=shop:a')
    const path = candidatesPath('acme', viewOf(url, KINDS.metrics), KINDS.metrics, url, '-value')
    const params = new URLSearchParams(path.split('?')[1])
    expect(params.get('query')).toBe('metric.name:latency metric.type:distribution shop:a has:trace')
    expect([params.get('sort'), params.get('statsPeriod')]).toEqual(['-value', '24h'])
  })

  test.each([
    ['p95(value)', 50, 0.5],
    ['avg(value)', 200, 1],
    ['max(value)', -3, 0],
    ['sum(value)', 50, 0],
    ['equation|sum(value) / 2', 50, 0],
  ])('stand on the chart of %s with %s at %s', (axis, value, height) =>
    expect(heightOn(axis, value, { least: 0, top: 100 })).toBe(height),
  )

  test('are measured by the edges of the chart', () => {
    const values = [
      { timestamp: 1, value: 3, comparisonValue: 9 },
      { timestamp: 2, value: null },
    ]
    const answer = { timeSeries: [{ yAxis: 'p50(value)', groupBy: null, values, meta: { interval: 1 } }] }
    expect(edgesOf(answer, 'p50(value)')).toEqual({ least: 0, top: 9 })
    expect(edgesOf(null, '')).toEqual({ least: 0, top: 0 })
    expect(heightOn('min(value)', -5, { least: -10, top: 10 })).toBe(0.25)
  })
})
