/** Spans of a trace: read from the answer's columns, hung into a tree, laid out as rows. Pure. Keep in step with
 * src/vedette/tracing/waterfall.py. */
import type { Turns } from './turns'

/** A column of texts: each once, and of each span the number of its own. */
export interface Coded {
  texts: readonly string[]
  codes: readonly number[]
}

/** Columns of the spans, which come by their start. */
export interface FlatTrace {
  trace_id: string
  total: number
  is_partial: boolean
  /** seconds since the epoch, of the first span */
  start: number
  /** 16 digits of each span, after them those of parents that are not here */
  ids: string
  /** the place of the parent's id, -1 for none */
  parent: readonly number[]
  /** since the span before */
  start_us: readonly number[]
  duration_us: readonly number[]
  self_us: readonly number[]
  /** places of segments */
  segments: readonly number[]
  project: Coded
  op: Coded
  description: Coded
  status: Coded
  category: Coded
  transaction: Coded
  events: readonly TraceEvent[]
  logs?: number
  metrics?: number
}

/** An error, or an issue found in the spans, at its time. */
export interface TraceEvent {
  event_id: string
  event_type: 'error' | 'occurrence'
  issue_id: number
  short_id: string
  project_slug: string
  span_id: string | null
  timestamp: number
  level: string
  title: string
  culprit: string
}

export interface Span {
  id: string
  parent: string
  project: string
  /** microseconds since the trace's start */
  start: number
  duration: number
  self: number
  isSegment: boolean
  op: string
  description: string
  status: string
  category: string
  transaction: string
}

export interface Node {
  span: Span
  children: Node[]
  depth: number
  isOrphan: boolean
  events: readonly TraceEvent[]
  /** spans below, itself not counted */
  below: number
}

/** Spans, the trees they make, and the rows of these before anything is closed, opened or sorted. */
export interface Laid {
  spans: readonly Span[]
  roots: readonly Node[]
  rows: readonly Row[]
  /** microseconds */
  total: number
}

const CHUNK = 1_000

/** What an answer holds, laid out in turns, so that a trace of thousands of spans never keeps the page from answering.
 * `extra`: answers about what lies below a span that the first had left out. */
export async function layOut(trace: FlatTrace, extra: readonly FlatTrace[], turns: Turns): Promise<Laid> {
  const byId = new Map<string, Span>()
  for (const one of [trace, ...extra]) {
    const read = reader(one, Math.round((one.start - trace.start) * 1_000_000))
    for (let from = 0; from < one.parent.length; from += CHUNK) {
      for (const span of read(from, from + CHUNK)) byId.set(span.id, span)
      await turns.next()
    }
  }
  const spans = [...byId.values()]
  if (extra.length) spans.sort(byStartOf)
  await turns.next()
  const roots = treeOf(spans, trace.events)
  await turns.next()
  const total = lengthOf(spans)
  const rows = rowsOf(roots, { ...UNTOUCHED, total })
  await turns.end()
  return { spans, roots, rows, total }
}

const byStartOf = (a: Span, b: Span): number => a.start - b.start || b.duration - a.duration

/** The spans of an answer, in its order. */
export function spansOf(trace: FlatTrace): Span[] {
  return reader(trace, 0)(0, trace.parent.length)
}

const DIGITS = 16 // of an id

/** Reads so many spans at a time, from the first to the last; times count from `start` microseconds. */
function reader(trace: FlatTrace, start: number): (from: number, to: number) => Span[] {
  const ids: string[] = [] // a parent's is the very text of its span's: found again without a look at its digits
  const id = (place: number): string => (ids[place] ??= trace.ids.slice(place * DIGITS, (place + 1) * DIGITS))
  const text = (column: Coded, place: number): string => column.texts[column.codes[place] ?? 0] ?? ''
  const segments = new Set(trace.segments)
  let at = start
  const read = (place: number): Span => ({
    id: id(place),
    parent: (trace.parent[place] ?? -1) < 0 ? '' : id(trace.parent[place] as number),
    project: text(trace.project, place),
    start: (at += trace.start_us[place] ?? 0),
    duration: trace.duration_us[place] ?? 0,
    self: trace.self_us[place] ?? 0,
    isSegment: segments.has(place),
    op: text(trace.op, place),
    description: text(trace.description, place),
    status: text(trace.status, place),
    category: text(trace.category, place),
    transaction: text(trace.transaction, place),
  })
  return (from, to) => {
    const spans: Span[] = []
    for (let place = from; place < Math.min(to, trace.parent.length); place++) spans.push(read(place))
    return spans
  }
}

/** The roots by start; each span once, whatever the parents say. */
export function treeOf(spans: readonly Span[], events: readonly TraceEvent[] = []): Node[] {
  const bySpan = new Map<string, TraceEvent[]>()
  for (const event of events) {
    const list = bySpan.get(event.span_id ?? '')
    if (list) list.push(event)
    else bySpan.set(event.span_id ?? '', [event])
  }
  const nodes = new Map<string, Node>()
  for (const span of spans) nodes.set(span.id, nodeOf(span, bySpan.get(span.id) ?? NO_EVENTS))
  const roots: Node[] = []
  for (const node of nodes.values()) {
    const parent = node.span.parent === '' ? undefined : nodes.get(node.span.parent)
    if (!parent || parent === node) {
      node.isOrphan = node.span.parent !== '' && parent !== node
      roots.push(node)
    } else parent.children.push(node)
  }
  for (const root of roots) settle(root)
  // what is left goes in circles: the earliest of each is its root
  for (const node of nodes.values()) {
    if (node.depth !== UNPLACED) continue
    roots.push(node)
    settle(node)
  }
  return sort(roots)
}

const UNPLACED = -1 // the depth of a node that no root leads to yet
const NO_EVENTS: readonly TraceEvent[] = []
const nodeOf = (span: Span, events: readonly TraceEvent[]): Node => ({
  span,
  children: [],
  depth: UNPLACED,
  isOrphan: false,
  events,
  below: 0,
})

const byStart = (a: Node, b: Node): number => a.span.start - b.span.start || b.span.duration - a.span.duration

/** In place, and without work where they lie in order already, as those of one answer do. */
function sort(nodes: Node[]): Node[] {
  for (let at = 1; at < nodes.length; at++)
    if (byStart(nodes[at - 1] as Node, nodes[at] as Node) > 0) return nodes.sort(byStart)
  return nodes
}

/** Depths, order and counts below a root; children already placed are let go of. */
function settle(root: Node): void {
  root.depth = 0
  const order = [root]
  for (let at = 0; at < order.length; at++) {
    const node = order[at] as Node
    if (node.children.some(isPlaced)) node.children = node.children.filter((child) => !isPlaced(child))
    for (const child of sort(node.children)) {
      child.depth = node.depth + 1
      order.push(child)
    }
  }
  for (let at = order.length - 1; at >= 0; at--) {
    const node = order[at] as Node
    for (const child of node.children) node.below += child.below + 1
  }
}

const isPlaced = (node: Node): boolean => node.depth !== UNPLACED

// ── rows ────────────────────────────────────────────────────────────────────────────────

export type Row =
  | { kind: 'span'; id: string; node: Node; depth: number; isOpen: boolean }
  | {
      kind: 'group'
      id: string
      nodes: readonly Node[]
      depth: number
      isOpen: boolean
      start: number
      end: number
      sum: number
    }
  | { kind: 'gap'; id: string; depth: number; start: number; duration: number }

export interface Shown {
  /** ids of collapsed spans and of opened groups */
  closed: ReadonlySet<string>
  opened: ReadonlySet<string>
  sort: 'start' | 'duration'
  /** whole trace, microseconds: what is a gap worth telling */
  total: number
}

export const UNTOUCHED: Omit<Shown, 'total'> = { closed: new Set(), opened: new Set(), sort: 'start' }
export const ALIKE_MOST = 5
const GAP_LEAST_SHARE = 0.1
const GAP_LEAST = 20_000

/** The rows from top to bottom: spans, runs of alike siblings as one, and time nobody measured. */
export function rowsOf(roots: readonly Node[], shown: Shown): Row[] {
  const rows: Row[] = []
  const waiting: (Node | Row)[] = [...sorted(roots, shown)].reverse()
  while (waiting.length) {
    const next = waiting.pop() as Node | Row
    if ('kind' in next) {
      rows.push(next)
      if (next.kind === 'group' && next.isOpen) waiting.push(...[...next.nodes].reverse())
      continue
    }
    const isOpen = !shown.closed.has(next.span.id)
    rows.push({ kind: 'span', id: next.span.id, node: next, depth: next.depth, isOpen })
    if (isOpen) waiting.push(...below(next, shown).reverse())
  }
  return rows
}

function sorted(nodes: readonly Node[], shown: Shown): readonly Node[] {
  return shown.sort === 'start' ? nodes : [...nodes].sort((a, b) => b.span.duration - a.span.duration)
}

/** Children of a span, in order, runs folded, gaps told. */
function below(parent: Node, shown: Shown): (Node | Row)[] {
  const found: (Node | Row)[] = []
  const children = sorted(parent.children, shown)
  let end = parent.span.start
  for (let at = 0; at < children.length;) {
    const first = children[at] as Node
    if (shown.sort === 'start') {
      const gap = first.span.start - end
      if (isGap(gap, parent, shown))
        found.push({ kind: 'gap', id: `gap-${first.span.id}`, depth: first.depth, start: end, duration: gap })
    }
    const run = alike(children, at)
    if (run.length >= ALIKE_MOST) found.push(groupOf(run, shown))
    else found.push(...run)
    for (const node of run) end = Math.max(end, node.span.start + node.span.duration)
    at += run.length
  }
  return found
}

function isGap(gap: number, parent: Node, shown: Shown): boolean {
  return gap >= GAP_LEAST && gap >= parent.span.duration * GAP_LEAST_SHARE && gap >= shown.total * 0.02
}

/** Siblings from this one on that say the same and have nothing below or beside them. */
function alike(children: readonly Node[], from: number): Node[] {
  const first = children[from] as Node
  const run = [first]
  if (!isPlain(first)) return run
  for (let at = from + 1; at < children.length; at++) {
    const node = children[at] as Node
    if (!isPlain(node) || node.span.op !== first.span.op || node.span.description !== first.span.description) break
    run.push(node)
  }
  return run
}

const isPlain = (node: Node): boolean => node.children.length === 0 && node.events.length === 0

function groupOf(nodes: readonly Node[], shown: Shown): Row {
  const first = nodes[0] as Node
  const id = `group-${first.span.id}`
  return {
    kind: 'group',
    id,
    nodes,
    depth: first.depth,
    isOpen: shown.opened.has(id),
    start: Math.min(...nodes.map((node) => node.span.start)),
    end: Math.max(...nodes.map((node) => node.span.start + node.span.duration)),
    sum: nodes.reduce((sum, node) => sum + node.span.duration, 0),
  }
}

// ── what stands out ─────────────────────────────────────────────────────────────────────

const FINE = new Set(['', 'ok', 'cancelled', 'unknown'])

export function isFailed(span: Span): boolean {
  return !FINE.has(span.status)
}

/** End of a trace, microseconds since its start. */
export function lengthOf(spans: readonly Span[]): number {
  let end = 0
  for (const span of spans) end = Math.max(end, span.start + span.duration)
  return end
}

/** Spans without which the root would have ended earlier: from its end backwards, the last to finish each time. */
export function criticalPath(root: Node): Set<string> {
  const path = new Set<string>()
  let at: Node | undefined = root
  const waiting: { node: Node; until: number }[] = [{ node: root, until: root.span.start + root.span.duration }]
  while ((at = waiting[waiting.length - 1]?.node)) {
    const { until } = waiting.pop() as { node: Node; until: number }
    path.add(at.span.id)
    let edge = until
    const byEnd = [...at.children].sort((a, b) => b.span.start + b.span.duration - (a.span.start + a.span.duration))
    for (const child of byEnd) {
      const end = child.span.start + child.span.duration
      if (end > edge || child.span.start >= edge) continue
      waiting.push({ node: child, until: end })
      edge = child.span.start
    }
  }
  return path
}

/** Ids of the spans that a search means: text, `op:db`, `status:error`, `duration:>50ms`, each of them. */
export function matches(spans: readonly Span[], query: string): string[] {
  const tests = query.trim().split(/\s+/).filter(Boolean).map(testOf)
  if (!tests.length) return []
  return spans.filter((span) => tests.every((test) => test(span))).map((span) => span.id)
}

const UNITS: Record<string, number> = { us: 1, µs: 1, ms: 1_000, s: 1_000_000, m: 60_000_000 }

function testOf(word: string): (span: Span) => boolean {
  const timed = /^(duration|self):([<>]=?)([\d.]+)(us|µs|ms|s|m)?$/.exec(word)
  if (timed) {
    const limit = Number(timed[3]) * (UNITS[timed[4] ?? 'ms'] ?? 1_000)
    const of = (span: Span): number => (timed[1] === 'self' ? span.self : span.duration)
    return timed[2]?.startsWith('>') ? (span) => of(span) >= limit : (span) => of(span) <= limit
  }
  const [, key, value = ''] = /^(op|status|project|transaction|category):(.+)$/.exec(word) ?? []
  const wanted = (key ? value : word).toLowerCase()
  if (key === 'status') return (span) => (wanted === 'error' ? isFailed(span) : span.status === wanted)
  if (key) return (span) => span[key as 'op'].toLowerCase().includes(wanted)
  return (span) => `${span.op} ${span.description} ${span.id}`.toLowerCase().includes(wanted)
}

/** The spans above one, outermost first. */
export function ancestors(spans: ReadonlyMap<string, Span>, id: string): Span[] {
  const found: Span[] = []
  const seen = new Set<string>([id])
  let at = spans.get(spans.get(id)?.parent ?? '')
  while (at && !seen.has(at.id)) {
    seen.add(at.id)
    found.unshift(at)
    at = spans.get(at.parent)
  }
  return found
}

/** A few rows around one span: what is above it, itself, what lies beside and below; without it the first ones. */
export function previewOf(spans: readonly Span[], id: string, most: number): { span: Span; depth: number }[] {
  const rows = rowsOf(treeOf(spans), { closed: new Set(), opened: new Set(), sort: 'start', total: lengthOf(spans) })
    .filter((row) => row.kind === 'span')
    .map((row) => ({ span: row.node.span, depth: row.depth }))
  const at = rows.findIndex((row) => row.span.id === id)
  if (at < 0) return rows.slice(0, most)
  const above = new Set(ancestors(new Map(spans.map((span) => [span.id, span])), id).map((span) => span.id))
  const kept = rows.filter((row, i) => above.has(row.span.id) || (i >= at - 1 && i <= at + most))
  return kept.slice(0, Math.max(most, above.size + 1))
}

/** Of each row of a tree written as a list: its place among its siblings, from 1, and how many they are. */
export function siblingsOf(rows: readonly { depth: number }[]): { place: Int32Array; of: Int32Array } {
  const [place, of] = [new Int32Array(rows.length), new Int32Array(rows.length)]
  const before: number[] = [] // by depth, how many siblings came by; a row ends what lies deeper
  for (let at = 0; at < rows.length; at++) {
    const { depth } = rows[at] as { depth: number }
    before.length = depth + 1
    place[at] = before[depth] = (before[depth] ?? 0) + 1
  }
  const last: number[] = [] // backwards: by depth, the place of the last sibling
  for (let at = rows.length - 1; at >= 0; at--) {
    const { depth } = rows[at] as { depth: number }
    last.length = depth + 1
    of[at] = last[depth] ??= place[at] as number
  }
  return { place, of }
}
