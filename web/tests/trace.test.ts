import { describe, expect, it } from 'vitest'
import { rowsOf, siblingsOf, UNTOUCHED } from '../src/lib/rows'
import {
  ancestors,
  criticalPath,
  layOut,
  linesOf,
  matches,
  previewOf,
  spansOf,
  treeOf,
  type Coded,
  type FlatTrace,
  type Span,
} from '../src/lib/trace'
import type { Node } from '../src/lib/tree'
import { Turns } from '../src/lib/turns'

const SPAN: Span = {
  id: '',
  parent: '',
  project: 'api',
  start: 0,
  duration: 1000,
  self: 1000,
  isSegment: false,
  op: 'db',
  description: 'SELECT 1',
  status: 'ok',
  category: 'db',
  transaction: 'GET /a',
}
const span = (id: string, parent = '', more: Partial<Span> = {}): Span => ({ ...SPAN, id, parent, ...more })
const shape = (nodes: readonly Node[]): unknown[] =>
  nodes.map((node) => (node.children.length ? [node.span.id, shape(node.children)] : node.span.id))
const SHOWN = { closed: new Set<string>(), opened: new Set<string>(), sort: 'start', total: 100_000 } as const

const idOf = (text: string): string => text.padEnd(16, '.')
const same = (text: string, times: number): Coded => ({ texts: [text], codes: Array.from({ length: times }, () => 0) })

/** Spans of 5 µs, one each 10 µs, below the first of them. */
function answer(start: number, ids: readonly string[], more: Partial<FlatTrace> = {}): FlatTrace {
  const numbers = ids.map((_, i) => i)
  return {
    trace_id: 't',
    total: ids.length,
    is_partial: false,
    start,
    ids: ids.map(idOf).join(''),
    parent: numbers.map((i) => (i ? 0 : -1)),
    start_us: numbers.map((i) => (i ? 10 : 0)),
    duration_us: numbers.map(() => 5),
    self_us: numbers.map(() => 5),
    segments: [0],
    project: same('api', ids.length),
    op: same('db', ids.length),
    description: same('SELECT', ids.length),
    status: same('ok', ids.length),
    category: same('db', ids.length),
    transaction: same('GET /a', ids.length),
    events: [],
    ...more,
  }
}

describe('reading', () => {
  it('puts texts in the place of their numbers, and times after those before', () => {
    const op = { texts: ['http.server', 'db'], codes: [0, 1, 1] }
    const [root, second, third] = spansOf(answer(1, ['a', 'b', 'c'], { op }))
    expect(root).toMatchObject({ id: idOf('a'), parent: '', start: 0, isSegment: true, op: 'http.server' })
    expect(second).toMatchObject({ id: idOf('b'), parent: idOf('a'), start: 10, isSegment: false, op: 'db' })
    expect(third).toMatchObject({ project: 'api', start: 20, duration: 5, self: 5, description: 'SELECT', op: 'db' })
  })
  it('knows a parent that is not here by its id', () => {
    const trace = answer(1, ['a'], { ids: idOf('a') + idOf('gone'), parent: [1] })
    expect(spansOf(trace).map((one) => [one.id, one.parent])).toEqual([[idOf('a'), idOf('gone')]])
    expect(treeOf(spansOf(trace)).roots.map((node) => node.isOrphan)).toEqual([true])
  })
})

describe('laying out', () => {
  it('gives the browser a turn where there is much to do, and loses nothing', async () => {
    const ids = Array.from({ length: 4_000 }, (_, i) => `span${i}`)
    let turns = 0
    class Counted extends Turns {
      override async next(): Promise<void> {
        turns += 1
        await super.next()
      }
    }
    const laid = await layOut(answer(1, ids), [], new Counted())
    expect(laid.tree.spans.map((one) => one.id)).toEqual(ids.map(idOf))
    expect(laid.tree.roots.map((root) => root.below)).toEqual([3_999])
    expect(turns).toBeGreaterThanOrEqual(2)
  })
  it('puts what was loaded later at its time in the trace, each span once', async () => {
    const late = answer(1.00002, ['late', 'b'])
    const laid = await layOut(answer(1, ['a', 'b', 'c', 'd']), [late], new Turns())
    expect(laid.tree.spans.map((one) => [one.id.replace(/\.+/, ''), one.start])).toEqual([
      ['a', 0],
      ['c', 20],
      ['late', 20],
      ['b', 30],
      ['d', 30],
    ])
    expect(laid.total).toBe(35)
    expect([...laid.siblings.of]).toEqual([2, 2, 2, 2, 1]) // a (c, d), late (b)
    expect([...laid.rows]).toEqual([...rowsOf(laid.tree, { ...UNTOUCHED, total: 35 })])
  })
})

describe('the tree', () => {
  it('hangs children below their parents by start', () => {
    expect(
      shape(treeOf([span('a'), span('c', 'a', { start: 5 }), span('b', 'a', { start: 2 }), span('d', 'b')]).roots),
    ).toEqual([['a', [['b', ['d']], 'c']]])
  })
  it('keeps orphans, and spans that go in circles', () => {
    const { roots } = treeOf([span('a'), span('b', 'gone'), span('c', 'd', { start: 3 }), span('d', 'c', { start: 4 })])
    expect(shape(roots)).toEqual(['a', 'b', ['c', ['d']]])
    expect(roots.map((node) => node.isOrphan)).toEqual([false, true, false])
  })
  it('counts what lies below', () => {
    expect(treeOf([span('a'), span('b', 'a'), span('c', 'b')]).roots[0]?.below).toBe(2)
  })
})

describe('rows', () => {
  const children = Array.from({ length: 6 }, (_, i) => span(`s${i}`, 'a', { start: 10 + i * 2000 }))
  it('folds runs of alike siblings and opens them on demand', () => {
    const tree = treeOf([span('a', '', { duration: 100_000 }), ...children])
    expect([...rowsOf(tree, SHOWN)].map((row) => row.kind)).toEqual(['span', 'group'])
    expect(rowsOf(tree, { ...SHOWN, opened: new Set(['group-s0']) })).toHaveLength(8)
  })
  it('tells of time that nobody measured', () => {
    const tree = treeOf([span('a', '', { duration: 100_000 }), span('b', 'a', { start: 60_000 })])
    expect([...rowsOf(tree, SHOWN)]).toMatchObject([
      { kind: 'span' },
      { kind: 'gap', start: 0, duration: 60_000 },
      { kind: 'span' },
    ])
  })
  it('hides what lies below a closed span', () => {
    const tree = treeOf([span('a'), span('b', 'a'), span('c', 'b')])
    expect([...rowsOf(tree, { ...SHOWN, closed: new Set(['b']) })].map((row) => row.id)).toEqual(['a', 'b'])
  })
  it('lays out ten thousand spans in a blink', () => {
    const many = Array.from({ length: 10_000 }, (_, i) =>
      span(`n${i}`, i ? `n${Math.floor((i - 1) / 3)}` : '', { start: i, description: `d${i}` }),
    )
    expect([...rowsOf(treeOf(many), SHOWN)].filter((row) => row.kind === 'span')).toHaveLength(10_000)
  })
})

describe('the overview', () => {
  it('has a line for each span at the depth of its row, and what failed in its own colour', async () => {
    const spans = [
      span('a', '', { duration: 100_000 }),
      ...Array.from({ length: 5 }, (_, i) => span(`s${i}`, 'a', { start: i * 1000 })),
      span('z', 's9', { start: 50_000, duration: 50_000, status: 'not_found' }),
    ]
    const rows = rowsOf(treeOf(spans), SHOWN)
    const lines = await linesOf(rows, 100_000, () => '--series-2', new Turns())
    expect(lines.map((line) => line.depth)).toEqual([0, 1, 1, 1, 1, 1, 0])
    expect(lines[0]).toEqual({ from: 0, to: 1, depth: 0, colour: '--series-2' })
    expect(lines[6]).toEqual({ from: 0.5, to: 1, depth: 0, colour: '--error' })
  })
})

describe('what stands out', () => {
  it('finds spans by text, by key and by duration', () => {
    const spans = [span('a', '', { duration: 80_000 }), span('b', '', { op: 'http.client', status: 'not_found' })]
    expect(matches(spans, 'op:db')).toEqual(['a'])
    expect(matches(spans, 'status:error')).toEqual(['b'])
    expect(matches(spans, 'duration:>50ms select')).toEqual(['a'])
    expect(matches(spans, '')).toEqual([])
  })
  it('walks the critical path from the end', () => {
    const [root] = treeOf([
      span('a', '', { duration: 100 }),
      span('early', 'a', { start: 0, duration: 40 }),
      span('beside', 'a', { start: 10, duration: 20 }),
      span('late', 'a', { start: 45, duration: 50 }),
    ]).roots
    expect([...criticalPath(root as Node)].sort()).toEqual(['a', 'early', 'late'])
  })
  it('names the spans above one', () => {
    const byId = new Map([span('a'), span('b', 'a'), span('c', 'b')].map((one) => [one.id, one]))
    expect(ancestors(byId, 'c').map((one) => one.id)).toEqual(['a', 'b'])
  })
})

describe('a preview', () => {
  it('keeps what is above a span and what lies beside it', () => {
    const spans = [
      span('a'),
      ...Array.from({ length: 30 }, (_, i) => span(`s${i}`, 'a', { start: i, description: `d${i}` })),
    ]
    const rows = previewOf(spans, 's20', 8)
    expect(rows.map((row) => row.span.id)).toEqual(['a', 's19', 's20', 's21', 's22', 's23', 's24', 's25'])
    expect(rows.map((row) => row.depth).slice(0, 2)).toEqual([0, 1])
  })
})

describe('rows of a tree', () => {
  it('have a place among their siblings', () => {
    // a (b (c, d), e), f (g)
    const { place, of } = siblingsOf([0, 1, 2, 2, 1, 0, 1])
    expect([...place]).toEqual([1, 1, 1, 2, 2, 2, 1])
    expect([...of]).toEqual([2, 2, 2, 2, 2, 2, 1])
  })

  it('are counted also where a depth is left out, or there are none', () => {
    const { place, of } = siblingsOf([1, 3, 3, 1])
    expect([[...place], [...of]]).toEqual([
      [1, 1, 2, 2],
      [2, 2, 2, 2],
    ])
    expect([...siblingsOf([]).of]).toEqual([])
  })
})
