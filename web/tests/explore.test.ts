import { describe, expect, test } from 'vitest'
import { strength } from '../src/draw/heat'
import { linesOf, measured, textOf, type SeriesAnswer } from '../src/lib/explore/answers'
import { telling } from '../src/lib/explore/compare'
import {
  boxFrom,
  boxOf,
  boxQuery,
  boxText,
  heatAxes,
  heatOf,
  middleOf,
  steered,
  STEPS,
  type Heat,
} from '../src/lib/explore/heat'
import { KINDS, kindOf } from '../src/lib/explore/kinds'
import { isTrace, linkOf, tracePath } from '../src/lib/explore/links'
import { savedBody, savedParams, type SavedQuery } from '../src/lib/explore/saved'
import { added, KEPT, ON_SCREEN, seen, toneOf, type LogLine } from '../src/lib/explore/tail'
import {
  axisLabel,
  axisText,
  callOf,
  formulaAxis,
  groupsPath,
  intervalOf,
  isFormula,
  metricOf,
  metricText,
  samplesPath,
  seriesPath,
  viewOf,
} from '../src/lib/explore/view'
import { DAY, HOUR } from '../src/lib/time'

const asked = (path: string) => new URLSearchParams(path.split('?')[1])
const at = (text: string) => new URLSearchParams(text)

describe('a page read from its URL', () => {
  test('asks for samples with what links need', () => {
    const view = viewOf(at('query=span.op:db'), KINDS.traces)
    const params = asked(samplesPath('acme', view, KINDS.traces, at('project=3')))
    expect(params.getAll('field')).toEqual([...KINDS.traces.fields, 'trace'])
    expect([params.get('dataset'), params.get('query'), params.get('sort')]).toEqual([
      'spans',
      'span.op:db',
      '-timestamp',
    ])
    expect([params.get('project'), params.get('statsPeriod')]).toEqual(['3', '24h'])
  })

  test('never sorts by a column it does not ask for', () => {
    const view = viewOf(at('field=title&sort=-release'), KINDS.errors)
    expect(asked(samplesPath('acme', view, KINDS.errors, at(''))).getAll('field')).toContain('release')
  })

  test('asks for groups by their first figure, and for the biggest over time', () => {
    const url = at('groupBy=transaction&yAxis=p95(span.duration)&yAxis=count()')
    const view = viewOf(url, KINDS.traces)
    const groups = asked(groupsPath('acme', view, KINDS.traces, url))
    expect(groups.getAll('field')).toEqual(['transaction', 'p95(span.duration)', 'count()'])
    expect(groups.get('sort')).toBe('-p95(span.duration)')
    const series = asked(seriesPath('acme', view, KINDS.traces, url))
    expect([series.get('topEvents'), series.get('sort'), series.get('interval')]).toEqual([
      '4',
      '-p95(span.duration)',
      '15m',
    ])
  })

  test('takes three charts and three groups at most, and patterns of logs alone', () => {
    const url = at('yAxis=a()&yAxis=b()&yAxis=c()&yAxis=d()&groupBy=1&groupBy=2&groupBy=3&groupBy=4&mode=patterns')
    const view = viewOf(url, KINDS.traces)
    expect([view.yAxis.length, view.groupBy.length, view.mode]).toEqual([3, 3, 'samples'])
    expect(viewOf(url, KINDS.logs).mode).toBe('patterns')
  })

  test('names the metric in functions and in the search', () => {
    const url = at('metric=cart, total,distribution,none&query=environment:production')
    const view = viewOf(url, KINDS.metrics)
    expect(view.metric).toEqual({ name: 'cart, total', type: 'distribution', unit: '-' })
    expect(view.yAxis).toEqual(['p95(value)'])
    const params = asked(seriesPath('acme', view, KINDS.metrics, url))
    expect(params.get('yAxis')).toBe('p95(value,"cart, total",distribution,-)')
    expect(params.get('query')).toBe('metric.name:"cart, total" metric.type:distribution environment:production')
  })

  test('keeps a metric through its text', () => {
    const metric = { name: 'orders', type: 'counter', unit: '-' }
    expect(metricOf(metricText(metric))).toEqual(metric)
    expect(metricOf('orders')).toBeNull()
    expect(axisText('sum(value)', metric)).toBe('sum(value,orders,counter,-)')
  })

  test('names the metric in every part of a formula', () => {
    const metric = { name: 'orders', type: 'counter', unit: '-' }
    const axis = formulaAxis('sum(value) / count(value)')
    expect(axisText(axis, metric)).toBe('equation|sum(value,orders,counter,-) / count(value,orders,counter,-)')
    expect([isFormula(axis), axisLabel(axis), isFormula('count()'), axisLabel('count()')]).toEqual([
      true,
      'sum(value) / count(value)',
      false,
      'count()',
    ])
  })

  test('takes calls apart', () => {
    expect(callOf('count_unique(user)')).toEqual({ name: 'count_unique', argument: 'user' })
    expect(callOf('count()')).toEqual({ name: 'count', argument: '' })
  })

  test.each([
    [HOUR, '1m'],
    [DAY, '15m'],
    [14 * DAY, '4h'],
    [400 * DAY, '1d'],
  ])('bars of %d ms stand %s apart', (length, interval) => expect(intervalOf(length)).toBe(interval))

  test('knows its kinds', () => {
    expect(kindOf('logs')).toBe(KINDS.logs)
    expect(kindOf('constructor')).toBeNull()
  })
})

describe('a heat map by keys', () => {
  const heat: Heat = {
    times: [0, 60_000, 120_000],
    rows: [
      { from: 0, to: 1 },
      { from: 1, to: 2 },
    ],
    counts: [],
    most: 0,
  }

  test.each([
    ['ArrowLeft', [0, 0]],
    ['ArrowRight', [2, 0]],
    ['ArrowUp', [1, 1]],
    ['ArrowDown', [1, 0]],
    ['End', [2, 0]],
    ['Home', [0, 0]],
    ['Enter', null],
  ])('%s leads to %s', (key, cell) => expect(steered([1, 0], key, heat)).toEqual(cell))

  test('has boxes of whole cells', () => {
    expect(boxOf(heat, middleOf([0, 1], heat), middleOf([1, 0], heat))).toEqual({
      start: 0,
      end: 120_000,
      from: 0,
      to: 2,
    })
  })
})

describe('answers', () => {
  const answer = (yAxis: string, values: (number | null)[], more: object = {}): SeriesAnswer['timeSeries'][number] => ({
    yAxis,
    groupBy: null,
    values: values.map((value, i) => ({ timestamp: i * 60_000, value })),
    meta: { interval: 60_000 },
    ...more,
  })

  test('come as lines in order, the rest last', () => {
    const group = (value: string, order: number) =>
      answer('count()', [1], { groupBy: [{ key: 'release', value }], meta: { interval: 1, order } })
    const others = answer('count()', [9], { meta: { interval: 1, isOther: true, order: 2 } })
    const lines = linesOf({ timeSeries: [others, group('b', 1), group('', 0), answer('avg(x)', [2])] }, 'count()')
    expect(lines.map((line) => line.name)).toEqual(['(none)', 'b', 'others'])
  })

  test.each([
    [41.46, 'duration', 'millisecond', '41 ms'],
    [2.5, 'number', 'second', '2.50 s'],
    [0, 'duration', 'millisecond', '0 ms'],
    [2_300_000, 'number', 'byte', '2.3 MB'],
    [2, 'number', 'kibibyte', '2 kB'],
    [0.0123, 'percentage', null, '1.23 %'],
    [3.21, 'number', '1/second', '3.21/s'],
    [0.0132, 'number', 'usd', '$0.013'],
    [12, 'number', 'cart', '12 cart'],
    [1234, 'integer', null, '1,234'],
    [1_234_567, 'number', '-', '1.2M'],
  ])('%d %s %s reads %s', (value, type, unit, text) => expect(measured(value, type, unit)).toBe(text))

  test('lists and nothing are text, too', () => {
    expect(textOf(['a', 'b'])).toBe('a, b')
    expect(textOf(null)).toBe('')
  })

  test('give a heat map of what lies between the steps', () => {
    // 2 spans up to 5 ms, 3 more up to 10 ms; in the second minute one of over a minute
    const upTo = (step: number) => [step >= 10 ? 5 : step >= 5 ? 2 : 0, 0]
    const axes = heatAxes()
    const heat = heatOf({
      timeSeries: axes.map((axis, i) => answer(axis, i < STEPS.length ? upTo(STEPS[i] ?? 0) : [5, 1])),
    })
    expect(heat?.rows[0]).toEqual({ from: 2, to: 5 })
    expect(heat?.rows.at(-1)).toEqual({ from: 60_000, to: Infinity })
    expect(heat?.counts[0]).toEqual([2, 0])
    expect(heat?.counts[1]).toEqual([3, 0])
    expect(heat?.counts.at(-1)).toEqual([0, 1])
    expect(heat?.most).toBe(3)
    const box = boxOf(heat!, [0.1, 0.01], [0.2, 0.99])
    expect(box).toEqual({ start: 0, end: 60_000, from: 2, to: Infinity })
    expect(boxFrom(boxText(box))).toEqual(box)
    expect(boxQuery('span.op:db', { ...box, to: 10 })).toBe(
      'span.op:db timestamp:>="1970-01-01T00:00:00.000Z" timestamp:<"1970-01-01T00:01:00.000Z" span.duration:>2ms span.duration:<=10ms',
    )
    expect(heatOf({ timeSeries: [] })).toBeNull()
    expect(boxFrom('1,2')).toBeNull()
  })

  test('a rare span can be seen beside a thousand', () => {
    expect(strength(1, 1000)).toBeGreaterThan(0.2)
    expect(strength(1000, 1000)).toBe(1)
  })

  test('say what tells a selection apart, without what is chance', () => {
    const key = (name: string, score: number) => ({ key: name, score, values: [] })
    const found = telling({ data: [key('release', 0.4), key('host', 0.001)], meta: { selected: 2, rest: 8 } }, 5)
    expect(found.map((one) => one.key)).toEqual(['release'])
  })
})

test.each([
  'environment=production&groupBy=transaction&mode=aggregate&project=3&query=a%3Ab&sort=-count%28%29&statsPeriod=7d&yAxis=count%28%29',
  'end=2026-02-02T00%3A00%3A00Z&field=id&field=trace&start=2026-02-01T00%3A00%3A00Z',
  'compare=1&metric=orders%2Ccounter%2C-&yAxis=sum%28value%29',
  '',
])('a saved query gives its page back: %s', (search) => {
  const body = savedBody(KINDS.traces, at(search))
  expect(savedParams(body as SavedQuery).toString()).toBe(search)
})

describe('links', () => {
  const trace = 'ab'.repeat(16)
  test('lead to the span of the trace', () => {
    expect(linkOf('acme', KINDS.traces, { id: '00000000000000ff', trace })).toBe(
      `/organizations/acme/traces/trace/${trace}/?node=00000000000000ff`,
    )
    expect(tracePath('acme', trace, '0'.repeat(16))).toBe(`/organizations/acme/traces/trace/${trace}/`)
  })

  test('lead nowhere without a trace', () => {
    expect(isTrace('0'.repeat(32))).toBe(false)
    expect(linkOf('acme', KINDS.metrics, { trace: null })).toBe('')
  })
})

describe('a tail', () => {
  const line = (id: number) => ({ id: String(id) }) as LogLine
  test('has the newest on top and forgets the oldest', () => {
    expect(added([line(1)], [line(2), line(3)]).map((one) => one.id)).toEqual(['3', '2', '1'])
    expect(
      added(
        Array.from({ length: KEPT }, (_, i) => line(i)),
        [line(-1)],
      ),
    ).toHaveLength(KEPT)
  })

  test('puts few rows on the screen, wherever it is scrolled to', () => {
    expect(seen(0, 600, 24, 5_000)).toEqual({ from: 0, to: 45 })
    expect(seen(48_000, 600, 24, 5_000)).toEqual({ from: 1_980, to: 2_045 })
    const { from, to } = seen(1_000, 100_000, 24, 5_000)
    expect(to - from).toBe(ON_SCREEN)
  })

  test('takes levels of logs for those of errors', () => {
    expect(['warn', 'trace', 'error'].map(toneOf)).toEqual(['warning', 'debug', 'error'])
  })
})
