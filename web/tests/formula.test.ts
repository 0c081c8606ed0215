import { describe, expect, test } from 'vitest'
import { comparedAt, offersAt, placeIn, problemOf, taken, type Known } from '../src/lib/explore/formula'
import { KINDS } from '../src/lib/explore/kinds'

const KNOWN: Known = {
  kind: KINDS.traces,
  attributes: [
    { key: 'plan', name: 'plan', type: 'string' },
    { key: 'tags[rows,number]', name: 'rows', type: 'number' },
  ],
  values: ['cached, twice'],
}

/** A text whose caret is at its `^`. */
function at(marked: string): [text: string, caret: number] {
  return [marked.replace('^', ''), marked.indexOf('^')]
}

function labels(marked: string, known: Known = KNOWN): string[] {
  return offersAt(placeIn(...at(marked)), known).map((one) => one.label)
}

/** The text after an offer is taken, with a `^` at the caret. */
function after(marked: string, label: string): string {
  const place = placeIn(...at(marked))
  const offer = offersAt(place, KNOWN).find((one) => one.label === label)
  if (!offer) throw new Error(`${label} is not offered: ${labels(marked).join(' ')}`)
  const done = taken(...at(marked), place, offer)
  return `${done.text.slice(0, done.caret)}^${done.text.slice(done.caret)}`
}

describe('the place in a formula', () => {
  test.each([
    ['^', '', '', []],
    ['count() / fail^', 'fail', '', []],
    ['2-p^', 'p', '', []],
    ['avg(span.du^', 'span.du', 'avg', []],
    ['avg(span.du^)', 'span.du', 'avg', []],
    ['(count() + cou^', 'cou', '', []],
    ['count_if(span.status, eq^', 'eq', 'count_if', ['span.status']],
    ['count_if(tags[a,number],greater,^', '', 'count_if', ['tags[a,number]', 'greater']],
    ['count_if(plan,equals,"a, (b"^', '"a, (b"', 'count_if', ['plan', 'equals']],
    ['count_if(plan,equals,"a\\") + cou^', '"a\\") + cou', 'count_if', ['plan', 'equals']],
    ['count()) + cou^', 'cou', '', []],
  ])('%s', (marked, typed, call, before) => {
    const place = placeIn(...at(marked))
    expect([place.typed, place.call, place.before]).toEqual([typed, call, before])
    expect(marked.slice(place.from, place.from + typed.length)).toBe(typed)
  })

  test('names the field whose values are wanted', () => {
    expect(comparedAt(placeIn(...at('count_if(plan,equals,^')))).toBe('plan')
    expect(comparedAt(placeIn(...at('avg_if(span.duration,plan,equals,^')))).toBe('plan')
    expect(comparedAt(placeIn(...at('avg_if(span.duration,plan,^')))).toBe('')
    expect(comparedAt(placeIn(...at('avg(^')))).toBe('')
  })
})

describe('a formula is completed', () => {
  test('by functions where one can stand, those that begin like the word first', () => {
    expect(labels('count() / cou^')).toEqual(['count()', 'count_unique(…)', 'count_if(…)', 'failure_count()'])
    expect(labels('^')).toContain('p95_if(…)')
  })

  test('by the numbers of a dataset within functions of numbers, by any field within others', () => {
    expect(labels('avg(^')).toEqual([...KINDS.traces.numbers, 'tags[rows,number]'])
    expect(labels('count_unique(pla^')).toEqual(['platform', 'plan'])
  })

  test('by comparisons and known values in conditions', () => {
    expect(labels('count_if(span.status,^')[0]).toBe('equals')
    expect(labels('count_if(span.status,equals,^')).toEqual([
      'ok',
      'internal_error',
      'not_found',
      'deadline_exceeded',
      'cached, twice',
    ])
    expect(labels('avg(span.duration,^')).toEqual([])
  })

  test('by functions of the chosen metric', () => {
    const known = { ...KNOWN, kind: KINDS.metrics }
    expect(labels('per_^', known)).toEqual(['per_second(value)', 'per_minute(value)'])
    expect(labels('_if^', known)).toEqual(['count_if(…)'])
  })

  test.each([
    ['fail^', 'failure_rate()', 'failure_rate()^'],
    ['cou^', 'count_if(…)', 'count_if(^)'],
    ['count() / av^ * 2', 'avg(…)', 'count() / avg(^) * 2'],
    ['cou^nt()', 'count_unique(…)', 'count_unique^()'],
    ['count_if(span.st^)', 'span.status', 'count_if(span.status,^)'],
    ['count_if(span.st^atus,equals,ok)', 'span.status', 'count_if(span.status,^equals,ok)'],
    ['count_if(span.status,equals,int^)', 'internal_error', 'count_if(span.status,equals,internal_error)^'],
    ['count_if(plan,equals,^', 'cached, twice', 'count_if(plan,equals,"cached, twice")^'],
    ['avg(^)', 'tags[rows,number]', 'avg(tags[rows,number])^'],
  ])('%s takes %s', (marked, label, done) => expect(after(marked, label)).toBe(done))
})

test('what is wrong with a formula is what the server says of it', () => {
  expect(problemOf({ yAxis: [{ error: 'Invalid function: f() is not known' }] })).toContain('f()')
  expect(problemOf({ yAxis: [{ error: null }] })).toBe('')
  expect(problemOf({})).toBe('')
})
