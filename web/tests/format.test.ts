import { describe, expect, test } from 'vitest'
import { csv } from '../src/lib/csv'
import { cursors } from '../src/lib/link'
import { match } from '../src/lib/match'
import { bytes, full, percent, plural, short } from '../src/lib/number'
import { eventUser, initials } from '../src/lib/people'
import { absolute, age, ago, duration, offset, period, utc } from '../src/lib/time'

describe('numbers', () => {
  test.each([
    [0, '0'],
    [999, '999'],
    [1_000, '1k'],
    [1_250, '1.3k'],
    [9_960, '10k'],
    [34_400, '34k'],
    [999_400, '999k'],
    [999_600, '1M'],
    [5_600_000, '5.6M'],
    [-1_500, '-1.5k'],
  ])('%d is %s', (value, text) => {
    expect(short(value)).toBe(text)
  })
  test.each([
    [17, '17 B'],
    [1_400, '1.4 kB'],
    [23_000_000, '23 MB'],
  ])('%d bytes are %s', (value, text) => {
    expect(bytes(value)).toBe(text)
  })
  test.each([0, 7, 999, 1_000, 12_345, 1_234_567, -1_234, -123_456, 2 ** 53, 1e21, 1234.5, -0.1234])(
    '%d in full is what Intl makes of it',
    (value) => {
      expect(full(value)).toBe(new Intl.NumberFormat('en').format(value))
    },
  )
  test('shares and plurals', () => {
    expect([percent(1, 3), percent(1, 1000), percent(0, 0), percent(5, 5)]).toEqual(['33 %', '< 1 %', '0 %', '100 %'])
    expect([plural(1, 'event'), plural(1200, 'event')]).toEqual(['1 event', '1,200 events'])
  })
})

describe('times', () => {
  const now = Date.parse('2026-11-21T12:00:00Z')
  test.each([
    ['2026-11-21T11:59:59.5Z', 'now'],
    ['2026-11-21T11:59:30Z', '30s'],
    ['2026-11-21T11:01:00Z', '59m'],
    ['2026-11-21T02:00:00Z', '10h'],
    ['2026-11-10T12:00:00Z', '11d'],
    ['2026-10-24T12:00:00Z', '4w'],
    ['2026-05-21T12:00:00Z', '6mo'],
    ['2023-11-21T12:00:00Z', '3y'],
    ['2026-11-21T13:00:00Z', 'in 1h'],
    ['nonsense', '–'],
  ])('%s was %s ago', (at, text) => {
    expect(age(at, now)).toBe(text)
  })
  test('ago says ago only of the past', () => {
    expect([ago(now - 5_000, now), ago(now, now), ago(now + 5_000, now), ago(now + 90_000, now)]).toEqual([
      '5s ago',
      'now',
      'now',
      'in 1m',
    ])
  })
  test.each([
    [0.084, '84 µs'],
    [1.3, '1.3 ms'],
    [840, '840 ms'],
    [1_340, '1.34 s'],
    [125_000, '2m 05s'],
    [11_400_000, '3h 10m'],
    [4 * 86_400_000, '4d'],
  ])('%d ms are %s', (ms, text) => {
    expect(duration(ms)).toBe(text)
  })
  test('distances carry a sign', () => {
    expect([offset(0, 1_500), offset(30, 0), offset(7, 7)]).toEqual(['−1.50 s', '+30 ms', '0'])
  })
  test.each(['2026-11-01T00:00:00Z', '1970-01-01T12:04:05Z', '2028-02-29T23:59:59.999Z'])(
    '%s in the own zone is what Intl makes of it',
    (time) => {
      const own = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' })
      expect(absolute(time, { clock24h: true })).toBe(own.format(new Date(time)))
    },
  )
  test('a time that is none is a dash', () => {
    expect(absolute('soon', { clock24h: true })).toBe('–')
  })
  test('zones and clocks', () => {
    expect(absolute('2026-11-21T12:00:00Z', { zone: 'Asia/Tokyo', clock24h: true })).toBe('Nov 21, 2026, 21:00:00')
    expect(absolute('2026-11-21T12:00:00Z', { zone: 'UTC', clock24h: false })).toMatch(/12:00:00\sPM/)
    expect(utc('2026-11-21T12:00:00.123456Z')).toBe('2026-11-21 12:00:00 UTC')
  })
  test.each([
    ['14d', 1_209_600_000],
    ['1h', 3_600_000],
    ['x', null],
  ])('period %s', (text, ms) => {
    expect(period(text)).toBe(ms)
  })
})

describe('paging and paths', () => {
  test('only pages with results have a cursor', () => {
    const header =
      '<https://h/api/0/x/?a=1,2&cursor=0:0:1>; rel="previous"; results="false"; cursor="0:0:1", <https://h/?cursor=0:50:0>; rel="next"; results="true"; cursor="0:50:0"'
    expect(cursors(header)).toEqual({ previous: null, next: '0:50:0' })
    expect(cursors(null)).toEqual({ previous: null, next: null })
  })
  test.each([
    ['/organizations/:org/issues/:id/', '/organizations/acme/issues/7', { org: 'acme', id: '7' }],
    [
      '/organizations/:org/releases/:version/',
      '/organizations/acme/releases/a%401.0%2Bb/',
      { org: 'acme', version: 'a@1.0+b' },
    ],
    ['/i/:short/', '/i/A-1/x/', null],
    ['/a/:b/', '/a/%E0%A4%A/', { b: '%E0%A4%A' }],
  ])('%s fits %s', (pattern, path, expected) => {
    expect(match(pattern, path)).toEqual(expected)
  })
})

describe('people and tables', () => {
  test('initials', () => {
    expect(['Ada Lovelace', 'ada@x.io', 'Jean-Luc M. Picard', ''].map(initials)).toEqual(['AL', 'A', 'JP', '?'])
  })
  test('the most telling part of a user', () => {
    expect(eventUser({ id: '5', ip_address: '1.2.3.4' })).toEqual({ key: 'user.id', value: '5' })
    expect(eventUser(null)).toBeNull()
  })
  test('a table for spreadsheets cannot carry formulas', () => {
    expect(
      csv([
        { a: '=1+1', b: 'x,"y"' },
        { a: '@x', b: 2 },
      ]),
    ).toBe('a,b\r\n\'=1+1,"x,""y"""\r\n\'@x,2')
  })
})
