import { describe, expect, test } from 'vitest'
import cases from './first-requests.json'
import { applied, ARCHIVE, reverse, RESOLVE } from '../src/lib/actions.svelte'
import { foldGroups, placeOf, range, stackBars } from '../src/lib/bars'
import { streamRequest } from '../src/lib/first'
import { headline, place, statusText } from '../src/lib/issues'
import { match } from '../src/lib/match'
import { safe } from '../src/lib/safe'
import { periodText } from '../src/lib/scope'
import { leaves } from '../src/lib/stream.svelte'
import { issue } from './bodies'

test.each(cases as [string, string, string][])('%s?%s asks first', (path, query, request) => {
  const org = match('/organizations/:org/issues/', path)?.['org'] ?? ''
  expect(streamRequest(org, new URLSearchParams(query))).toBe(request)
})

describe('words for states', () => {
  test.each([
    [{ substatus: 'regressed' }, 'Regressed'],
    [{ status: 'resolved', statusDetails: { inNextRelease: true } }, 'Resolved in next release'],
    [{ status: 'resolved', statusDetails: { inRelease: '1.0' } }, 'Resolved in 1.0'],
    [{ status: 'ignored', substatus: 'archived_until_escalating' }, 'Archived until escalating'],
    [{ status: 'ignored', statusDetails: { ignoreCount: 10 } }, 'Archived until 10 more events'],
  ] as const)('%j', (parts, text) => {
    expect(statusText(issue(parts as Parameters<typeof issue>[0]))).toBe(text)
  })
  test('headlines are one line', () => {
    expect(headline(issue())).toEqual({ head: 'ValueError', rest: 'bad' })
    expect(headline(issue({ metadata: {}, title: 'a\nb' }))).toEqual({ head: 'a', rest: '' })
    expect(place(issue({ culprit: null, metadata: { filename: 'a.py', function: 'f' } }))).toBe('a.py in f')
  })
})

describe('changes', () => {
  test('an undone change leads back to where the issue was', () => {
    const before = issue({
      status: 'ignored',
      substatus: 'archived_forever',
      priority: 'low',
      assignedTo: { type: 'team', id: '3', name: 'web' },
    })
    const change = { ...RESOLVE[0]!.change, assignedTo: 'user:1', priority: 'high' as const }
    expect(applied(before, change)).toMatchObject({ status: 'resolved', substatus: null, priority: 'high' })
    expect(reverse(before, change)).toEqual({
      status: 'ignored',
      substatus: 'archived_forever',
      statusDetails: {},
      assignedTo: 'team:3',
      priority: 'low',
    })
  })
  test('every way to archive says what it waits for', () => {
    expect(new Set(ARCHIVE.map((one) => JSON.stringify(one.change))).size).toBe(ARCHIVE.length)
  })
  test.each([
    ['is:unresolved', 'resolved', true],
    ['is:unresolved', 'ignored', true],
    ['', 'resolved', false],
    ['level:error', 'resolved', false],
    ['is:resolved', 'unresolved', true],
    ['is:archived', 'ignored', false],
    ['!is:unresolved', 'resolved', false],
  ] as const)('in a list of %j, %s issues leave: %s', (query, status, gone) => {
    expect(leaves(query, { status })).toBe(gone)
  })
})

describe('bars', () => {
  const groups = [
    {
      name: 'a',
      series: [
        [0, 1],
        [60, 2],
      ] as [number, number][],
    },
    {
      name: 'b',
      series: [
        [0, 3],
        [60, 0],
      ] as [number, number][],
    },
  ]
  test('stack in order', () => {
    expect(stackBars(groups)).toEqual([
      {
        at: 0,
        total: 4,
        parts: [
          { group: 0, from: 0, to: 1 },
          { group: 1, from: 1, to: 4 },
        ],
      },
      { at: 60, total: 2, parts: [{ group: 0, from: 0, to: 2 }] },
    ])
  })
  test('small groups become one', () => {
    const many = Array.from({ length: 9 }, (_, i) => ({ name: `g${i}`, series: [[0, i]] as [number, number][] }))
    const folded = foldGroups(many, 'rest')
    expect(folded.map((one) => one.name)).toEqual(['g8', 'g7', 'g6', 'g5', 'rest'])
    expect(folded.at(-1)?.series).toEqual([[0, 10]])
  })
  test('a drag covers whole bars, either way', () => {
    expect(range(stackBars(groups), 0.9, 0.6)).toEqual({ start: 60_000, end: 120_000 })
    expect(range([], 0, 1)).toBeNull()
  })
  test('moments outside have no place', () => {
    expect([placeOf(stackBars(groups), 60_000), placeOf(stackBars(groups), -1), placeOf([], 0)]).toEqual([
      0.5,
      null,
      null,
    ])
  })
})

test.each([
  ['<p>hi <strong>x</strong></p>', '<p>hi <strong>x</strong></p>'],
  ['<img src=x onerror=alert(1)>', ''],
  ['<a href="javascript:alert(1)" onclick="x()">a</a>', '<a>a</a>'],
  ['<a href="https://x.io">a</a>', '<a href="https://x.io" rel="noopener noreferrer nofollow">a</a>'],
  ['<a href="//evil">a</a>', '<a>a</a>'],
  ['<script>alert(1)</script>b', 'b'],
  ['<div><p style="x" class="y">c</p></div>', '<p>c</p>'],
  ['<svg><script>1</script></svg>', ''],
  ['<p><iframe srcdoc="<script>1</script>"></iframe></p>', '<p></p>'],
])('%s becomes %s', (html, clean) => {
  expect(safe(html)).toBe(clean)
})

test('the chosen time in words', () => {
  expect(periodText(new URLSearchParams())).toBe('Last 14 days')
  expect(periodText(new URLSearchParams(), '')).toBe('All time')
  expect(periodText(new URLSearchParams('start=2026-11-02T00:00:00.000Z&end=2026-11-09T12:30:00.000Z'))).toBe(
    'Nov 2 – Nov 9 12:30',
  )
})
