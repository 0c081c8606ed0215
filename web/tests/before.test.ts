import { describe, expect, test } from 'vitest'
import { linesOf, type SeriesAnswer } from '../src/lib/explore/answers'
import { changeText, figureOf, figuresPath, windowsOf } from '../src/lib/explore/before'
import { KINDS } from '../src/lib/explore/kinds'
import { seriesPath, viewOf } from '../src/lib/explore/view'

const at = (text: string) => new URLSearchParams(text)
const asked = (path: string) => at(path.split('?')[1] ?? '')

describe('the period before', () => {
  test('is asked for when it is compared with', () => {
    const delta = (url: string) =>
      asked(seriesPath('acme', viewOf(at(url), KINDS.traces), KINDS.traces, at(url))).get('comparisonDelta')
    expect(delta('statsPeriod=24h')).toBeNull()
    expect(delta('statsPeriod=24h&compare=1')).toBe('86400')
    expect(delta('start=2026-01-01T00:00:00Z&end=2026-01-03T00:00:00Z&compare=1')).toBe('172800')
  })

  test('comes with the lines, where nothing was as nothing', () => {
    const values = [
      { timestamp: 1, value: 2, comparisonValue: 3 },
      { timestamp: 2, value: 4, comparisonValue: null },
    ]
    const answer: SeriesAnswer = { timeSeries: [{ yAxis: 'count()', groupBy: null, values, meta: { interval: 1 } }] }
    expect(linesOf(answer, 'count()')[0]?.before).toEqual([3, null])
    for (const one of values) delete (one as { comparisonValue?: unknown }).comparisonValue
    expect(linesOf(answer, 'count()')[0]).not.toHaveProperty('before')
  })

  test('is as long as the one of the answer, and ends where that begins', () => {
    const [start, end] = [Date.UTC(2026, 0, 3), Date.UTC(2026, 0, 4)]
    const windows = windowsOf({ timeSeries: [], meta: { start, end } })
    expect(windows).toEqual({ now: { start, end }, before: { start: Date.UTC(2026, 0, 2), end: start } })
    expect(windowsOf(null)).toBeNull()
  })

  test('has its figures asked in its own time, with the search and the metric', () => {
    const url = at('metric=orders,counter,-&query=shop:a&statsPeriod=7d&environment=production')
    const view = viewOf(url, KINDS.metrics)
    const params = asked(figuresPath('acme', view, KINDS.metrics, url, { start: 0, end: 86_400_000 }))
    expect(params.get('start')).toBe('1970-01-01T00:00:00.000Z')
    expect(params.get('end')).toBe('1970-01-02T00:00:00.000Z')
    expect(params.has('statsPeriod')).toBe(false)
    expect(params.get('field')).toBe('sum(value,orders,counter,-)')
    expect(params.get('query')).toContain('shop:a')
    expect(params.get('environment')).toBe('production')
  })

  test('has a figure where the answer has a number', () => {
    const meta = { fields: {}, units: {} }
    expect(figureOf({ data: [{ 'count()': 3 }], meta }, 'count()')).toBe(3)
    expect(figureOf({ data: [{ 'p95()': null }], meta }, 'p95()')).toBeNull()
    expect(figureOf(null, 'count()')).toBeNull()
  })

  test.each([
    [112, 100, '+12 %'],
    [96.5, 100, '−3.5 %'],
    [100, 100, '±0 %'],
    [100.001, 100, '+0.001 %'],
    [0, 0, '±0 %'],
    [0, 20, '−100 %'],
    [1_400, 100, '×14'],
    [-5, -10, '+50 %'],
    [3, 0, ''],
    [null, 3, ''],
    [null, null, ''],
  ])('%s after %s is %s', (now, before, text) => expect(changeText(now, before)).toBe(text))
})
