import { describe, expect, test } from 'vitest'
import { contexts, crumbLine, flags, foldAlike, highlights, markdown, notes, requestCurl } from '../src/lib/event'
import { asText, node, search } from '../src/lib/values'
import type { Crumb, RequestData } from '../src/lib/types'
import { event, exception, frame, issue } from './bodies'

const crumb = (parts: Partial<Crumb>): Crumb => ({
  type: null,
  timestamp: null,
  level: null,
  message: null,
  category: null,
  data: null,
  ...parts,
})

describe('values', () => {
  test.each([
    ["'text'", 'string'],
    ['42', 'number'],
    [42, 'number'],
    ['None', 'null'],
    [null, 'null'],
    ['True', 'boolean'],
    ['<Foo object at 0x1>', 'object'],
    ['[Filtered]', 'filtered'],
    [[1, 2], 'list'],
    [{ a: 1 }, 'map'],
    ['…', 'omitted'],
  ])('%j is a %s', (value, kind) => {
    expect(node(value).kind).toBe(kind)
  })
  test('a search opens the way to what it finds', () => {
    const found = search({ order: { lines: [{ sku: 'X1' }] }, other: 1 }, 'sku')
    expect([...found].sort()).toEqual(['$', '$.order', '$.order.lines', '$.order.lines.0', '$.order.lines.0.sku'])
  })
  test('copies keep their form', () => {
    expect([asText('x'), asText({ a: [1] })]).toEqual(['x', '{\n  "a": [\n    1\n  ]\n}'])
  })
})

describe('breadcrumbs', () => {
  test.each([
    [
      { type: 'http', data: { method: 'POST', url: '/a', status_code: 500, reason: 'bad' } },
      { kind: 'http', text: 'POST /a [500] bad', bad: true },
    ],
    [
      { category: 'navigation', data: { from: '/a', to: '/b' } },
      { kind: 'navigation', text: '/a → /b' },
    ],
    [
      { category: 'query', message: 'SELECT 1' },
      { kind: 'query', text: 'SELECT 1' },
    ],
    [{ category: 'ui.click', message: 'button' }, { kind: 'user' }],
    [
      { level: 'error', message: 'x' },
      { kind: 'error', bad: true },
    ],
    [
      { message: 'x', data: { a: 1 } },
      { kind: 'default', rest: { a: 1 } },
    ],
  ])('%j', (parts, expected) => {
    expect(crumbLine(crumb(parts))).toMatchObject(expected)
  })
})

test('neighbours that say the same fold into the last of them', () => {
  const said = ['a1', 'a2', 'b1', 'a3'].map((id) => ({ id }))
  expect(foldAlike(said, (one) => one.id.charAt(0)).map(({ one, times }) => [one.id, times])).toEqual([
    ['a2', 2],
    ['b1', 1],
    ['a3', 1],
  ])
})

test('highlights leave out what the event does not say', () => {
  const found = highlights(
    event({
      tags: [{ key: 'environment', value: 'prod' }],
      user: { id: '5' },
      contexts: { runtime: { name: 'CPython', version: '3.13' } },
    }),
  )
  expect(found.map((one) => `${one.name}=${one.value}`)).toEqual(['Environment=prod', 'User=5', 'Runtime=CPython 3.13'])
})

test('contexts have a steady order and no empty ones', () => {
  const found = contexts(
    event({
      contexts: {
        zeta: { a: 1 },
        trace: { trace_id: 'x' },
        os: { name: 'Linux', type: 'os' },
        gpu: {},
        flags: { values: [] },
      },
      user: { id: '1' },
    }),
  )
  expect(found.map((one) => one.title)).toEqual(['User', 'Operating system', 'Trace', 'Zeta'])
})

test('flags', () => {
  expect(flags(event({ contexts: { flags: { values: [{ flag: 'new-cart', result: true }] } } }))).toEqual([
    ['new-cart', true],
  ])
})

test('notes tell of errors and of scrubbed fields', () => {
  const found = notes(
    event({
      errors: [{ type: 'clock_drift', message: '3 h' }],
      _meta: { user: { email: { '': { rem: [['@password', 's']] } } } },
    }),
  )
  expect(found.map((one) => one.about)).toEqual(['3 h', 'user.email (@password)'])
})

test('a request becomes a shell line that cannot break out', () => {
  const request: RequestData = {
    method: 'POST',
    url: "https://x/'; rm -rf /",
    query: [['a', '1']],
    fragment: null,
    data: { a: "it's" },
    headers: [
      ['Host', 'x'],
      ['Accept', '*/*'],
    ],
    cookies: [['s', '1']],
    env: null,
    inferredContentType: null,
  }
  expect(requestCurl(request)).toBe(
    `curl \\\n  -X 'POST' \\\n  -H 'Accept: */*' \\\n  -b 's=1' \\\n  --data '{"a":"it'\\''s"}' \\\n  'https://x/'\\''; rm -rf /?a=1'`,
  )
})

test('markdown keeps hostile text inside its fence', () => {
  const hostile = 'a\n```\n# injected'
  const text = markdown(
    issue({ metadata: { type: 'E', value: hostile } }),
    event({
      entries: [
        {
          type: 'exception',
          data: {
            excOmitted: null,
            values: [
              exception({
                value: '````',
                stacktrace: { frames: [frame({ inApp: true, vars: { x: '1' } })], framesOmitted: null },
              }),
            ],
          },
        },
      ],
    }),
  )
  expect(text).toContain('````\na\n```\n# injected\n````')
  expect(text).toContain('`````\nTraceback')
  expect(text).toContain('x = 1')
})
