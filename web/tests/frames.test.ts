import { describe, expect, test } from 'vitest'
import { chain, language, location, owner, stackRows, stackText, stacksOf, suspect, unmapped } from '../src/lib/frames'
import { highlight } from '../src/draw/highlight'
import { event, exception, frame } from './bodies'

const stack = (...inApp: boolean[]) => ({
  frames: inApp.map((app, i) =>
    frame({ inApp: app, function: `f${i}`, module: app ? 'shop.x' : 'django.core', lineNo: i }),
  ),
  framesOmitted: null,
})
const kinds = (...inApp: boolean[]) =>
  stackRows(stack(...inApp), { full: false, newestFirst: false }).map((row) =>
    row.kind === 'folded' ? `${row.frames.length} ${row.what}` : row.kind === 'frame' ? row.frame.function : '',
  )

describe('the most relevant stack', () => {
  test('folds runs of library frames and names the library', () => {
    expect(kinds(false, false, false, true, false, false, true)).toEqual(['3 django', 'f3', '2 django', 'f6'])
  })
  test('keeps a lone library frame, and the one that raised', () => {
    expect(kinds(true, false, true, false, false, false)).toEqual(['f0', 'f1', 'f2', '2 django', 'f5'])
  })
  test('is the full stack when nothing is in app', () => {
    expect(kinds(false, false)).toEqual(['f0', 'f1'])
  })
  test('turns round, and tells of omitted frames', () => {
    const rows = stackRows({ ...stack(true, true), framesOmitted: [1, 9] }, { full: true, newestFirst: true })
    expect(rows.map((row) => row.kind)).toEqual(['frame', 'omitted', 'frame'])
  })
  test('opens the newest frame of the app', () => {
    expect([suspect(stack(true, true, false)), suspect(stack(false, false))]).toEqual([1, 1])
  })
})

describe('chains', () => {
  const types = (values: Parameters<typeof chain>[0]) =>
    chain(values).map((link) => [link.exception.type, link.relation, link.depth])
  test('start with what was raised', () => {
    expect(types([exception({ type: 'Root' }), exception({ type: 'Raised' })])).toEqual([
      ['Raised', 'raised', 0],
      ['Root', 'cause', 0],
    ])
  })
  test('hang the members of a group below it', () => {
    const of = (type: string, id: number, parent: number | null, more = {}) =>
      exception({ type, mechanism: { exception_id: id, parent_id: parent, ...more } })
    const values = [
      of('B', 2, 0, { source: 'exceptions[1]' }),
      of('A', 1, 0, { source: 'exceptions[0]' }),
      of('Group', 0, null, { is_exception_group: true }),
    ]
    expect(types(values)).toEqual([
      ['Group', 'raised', 0],
      ['B', 'member', 1],
      ['A', 'member', 1],
    ])
  })
  test('lose nobody in a circle of ids', () => {
    const values = [
      exception({ mechanism: { exception_id: 1, parent_id: 2 } }),
      exception({ mechanism: { exception_id: 2, parent_id: 1 } }),
    ]
    expect(chain(values)).toHaveLength(2)
  })
})

describe('text', () => {
  const values = [
    exception({
      type: 'KeyError',
      value: "'a'",
      stacktrace: {
        frames: [
          frame({
            absPath: '/srv/a.py',
            function: 'f',
            lineNo: 2,
            context: [
              [1, 'def f():'],
              [2, '  x["a"]'],
            ],
          }),
        ],
        framesOmitted: null,
      },
    }),
  ]
  test('reads like a traceback in Python', () => {
    expect(stackText(values, 'python')).toBe(
      'Traceback (most recent call last):\n  File "/srv/a.py", line 2, in f\n    x["a"]\nKeyError: \'a\'',
    )
  })
  test('reads like a stack elsewhere', () => {
    expect(
      stackText(
        [
          exception({
            type: 'TypeError',
            value: 'x',
            stacktrace: {
              frames: [frame({ filename: 'a.js', function: 'f', lineNo: 1, colNo: 2 })],
              framesOmitted: null,
            },
          }),
        ],
        'javascript',
      ),
    ).toBe('TypeError: x\n    at f (a.js:1:2)')
  })
})

test('owners are named by package', () => {
  expect(owner(frame({ absPath: '/x/node_modules/@a/b/c.js' }))).toBe('@a/b')
  expect(owner(frame({ module: 'django.core.x' }))).toBe('django')
  expect(owner(frame({ package: '/usr/lib/libc.so.6' }))).toBe('libc.so.6')
})

test('places read as editors want them', () => {
  expect([
    location(frame({ filename: 'a.ts', lineNo: 3, colNo: 0 })),
    location(frame({ absPath: '/x', lineNo: 3 })),
    location(frame()),
  ]).toEqual(['a.ts:3:0', '/x:3', ''])
})

test('unmapped frames say why', () => {
  expect(unmapped(frame({ errors: [{ type: 'js_missing_sourcemap' }] }))).toContain('source map')
  expect(unmapped(frame())).toBeNull()
})

test('a bare stack trace counts as one exception', () => {
  expect(stacksOf(event({ entries: [{ type: 'stacktrace', data: stack(true) }] })).values).toHaveLength(1)
})

describe('colours', () => {
  test.each([
    ['a.py', 'python'],
    ['a.tsx', 'typescript'],
    ['x.vue', 'javascript'],
    ['a.cs', 'csharp'],
    ['a.unknown', 'clike'],
  ])('%s is %s', (filename, name) => {
    expect(language(frame({ filename }), null)).toBe(name)
  })
  test('every line keeps its text', () => {
    const lines = ['def f(x):', '    """long', '    text"""', '', '    return x <b>']
    const painted = highlight(lines, 'python')
    expect(painted.map((line) => line.map((piece) => piece.text).join(''))).toEqual(lines)
    expect(painted[2]?.[0]?.kind).toBe('string')
  })
})
