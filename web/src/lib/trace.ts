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
  readonly id: string
  readonly parent: string
  readonly project: string
  /** microseconds since the trace's start */
  readonly start: number
  readonly duration: number
  readonly self: number
  readonly isSegment: boolean
  readonly op: string
  readonly description: string
  readonly status: string
  readonly category: string
  readonly transaction: string
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
  /** their projects, in the order of their first spans */
  services: readonly string[]
}

/** What an answer holds, laid out in turns, so that a trace of thousands of spans never keeps the page from answering.
 * `extra`: answers about what lies below a span that the first had left out. */
export async function layOut(trace: FlatTrace, extra: readonly FlatTrace[], turns: Turns): Promise<Laid> {
  await turns.end()
  const spans = extra.length ? together(trace, extra) : spansOf(trace)
  await turns.next()
  const roots = treeOf(spans, trace.events, extra.length ? aboveOf(spans) : aboveIn(trace))
  await turns.next()
  const total = lengthOf(spans)
  const rows = rowsOf(roots, { ...UNTOUCHED, total })
  await turns.end()
  return { spans, roots, rows, total, services: [...new Set([trace, ...extra].flatMap((one) => one.project.texts))] }
}

/** The spans of some answers by start, each once. */
function together(trace: FlatTrace, extra: readonly FlatTrace[]): Span[] {
  const byId = new Map<string, Span>()
  for (const one of [trace, ...extra])
    for (const span of spansOf(one, Math.round((one.start - trace.start) * 1_000_000))) byId.set(span.id, span)
  return [...byId.values()].sort((a, b) => a.start - b.start || b.duration - a.duration)
}

/** The spans of an answer, in its order; times count from `start` microseconds. */
export function spansOf(trace: FlatTrace, start = 0): Span[] {
  const segments = new Set(trace.segments)
  let at = start
  return trace.start_us.map((since, place) => new Read(trace, place, (at += since), segments.has(place)))
}

const DIGITS = 16 // of an id

/** A span that reads its columns when it is asked: of thousands a page shows some dozens. */
class Read implements Span {
  constructor(
    private readonly trace: FlatTrace,
    private readonly place: number,
    readonly start: number,
    readonly isSegment: boolean,
  ) {}

  get id(): string {
    return idAt(this.trace, this.place)
  }
  get parent(): string {
    const place = this.trace.parent[this.place] ?? NONE
    return place === NONE ? '' : idAt(this.trace, place)
  }
  get duration(): number {
    return this.trace.duration_us[this.place] ?? 0
  }
  get self(): number {
    return this.trace.self_us[this.place] ?? 0
  }
  get project(): string {
    return textAt(this.trace.project, this.place)
  }
  get op(): string {
    return textAt(this.trace.op, this.place)
  }
  get description(): string {
    return textAt(this.trace.description, this.place)
  }
  get status(): string {
    return textAt(this.trace.status, this.place)
  }
  get category(): string {
    return textAt(this.trace.category, this.place)
  }
  get transaction(): string {
    return textAt(this.trace.transaction, this.place)
  }
}

const idAt = (trace: FlatTrace, place: number): string => trace.ids.slice(place * DIGITS, (place + 1) * DIGITS)
const textAt = (column: Coded, place: number): string => column.texts[column.codes[place] ?? 0] ?? ''

// of a span's parent, in the place of its place
const NONE = -1
const ELSEWHERE = -2

/** The place of each span's parent among the spans. */
function aboveOf(spans: readonly Span[]): number[] {
  const places = new Map(spans.map((span, place) => [span.id, place]))
  return spans.map(({ parent }) => (parent === '' ? NONE : (places.get(parent) ?? ELSEWHERE)))
}

/** The same of the spans of one answer, which says it. */
function aboveIn({ parent }: FlatTrace): number[] {
  return parent.map((place) => (place < parent.length ? place : ELSEWHERE))
}

/** The roots by start; each span once, whatever the parents say. `above`: the place of each span's parent. */
export function treeOf(
  spans: readonly Span[],
  events: readonly TraceEvent[] = [],
  above: readonly number[] = aboveOf(spans),
): Node[] {
  const nodes = spans.map(nodeOf)
  if (events.length) mark(nodes, events)
  const roots: Node[] = []
  for (let at = 0; at < nodes.length; at++) {
    const node = nodes[at] as Node
    const parent = nodes[above[at] as number]
    if (parent && parent !== node) parent.children.push(node)
    else {
      node.isOrphan = above[at] === ELSEWHERE
      roots.push(node)
    }
  }
  for (const root of roots) settle(root)
  // what is left goes in circles: the earliest of each is its root
  for (let at = 0; at < nodes.length; at++) {
    const node = nodes[at] as Node
    if (node.depth !== UNPLACED) continue
    const parent = nodes[above[at] as number] as Node
    parent.children.splice(parent.children.indexOf(node), 1)
    roots.push(node)
    settle(node)
  }
  return sort(roots)
}

/** Gives the nodes the events of their spans. */
function mark(nodes: readonly Node[], events: readonly TraceEvent[]): void {
  const bySpan = new Map<string, TraceEvent[]>()
  for (const event of events) bySpan.set(event.span_id ?? '', [...(bySpan.get(event.span_id ?? '') ?? []), event])
  for (const node of nodes) node.events = bySpan.get(node.span.id) ?? NO_EVENTS
}

const UNPLACED = -1 // the depth of a node that no root leads to yet
const NO_EVENTS: readonly TraceEvent[] = []
const nodeOf = (span: Span): Node => ({
  span,
  children: [],
  depth: UNPLACED,
  isOrphan: false,
  events: NO_EVENTS,
  below: 0,
})

const byStart = (a: Node, b: Node): number => a.span.start - b.span.start || b.span.duration - a.span.duration

/** In place, and without work where they lie in order already, as those of one answer do. */
function sort(nodes: Node[]): Node[] {
  for (let at = 1; at < nodes.length; at++)
    if (byStart(nodes[at - 1] as Node, nodes[at] as Node) > 0) return nodes.sort(byStart)
  return nodes
}

/** Depths, order and counts below a root. */
function settle(root: Node): void {
  root.depth = 0
  const order = [root]
  for (let at = 0; at < order.length; at++) {
    const node = order[at] as Node
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

/** Siblings on the way down: the next of them, where time is told of up to, and how far a run that shows as itself goes. */
interface Level {
  /** null where siblings show as they are: roots, and the alike of an opened group */
  parent: Node | null
  nodes: readonly Node[]
  next: number
  end: number
  plainUntil: number
}

const levelOf = (parent: Node | null, nodes: readonly Node[]): Level => ({
  parent,
  nodes,
  next: 0,
  end: parent?.span.start ?? 0,
  plainUntil: parent ? 0 : nodes.length,
})

/** The rows from top to bottom: spans, runs of alike siblings as one, and time nobody measured. */
export function rowsOf(roots: readonly Node[], shown: Shown): Row[] {
  const rows: Row[] = []
  const levels = [levelOf(null, sorted(roots, shown))]
  for (let level; (level = levels[levels.length - 1]);) {
    if (level.next === level.nodes.length) levels.pop()
    else {
      const below = step(level, shown, rows)
      if (below) levels.push(below)
    }
  }
  return rows
}

function sorted(nodes: readonly Node[], shown: Shown): readonly Node[] {
  return shown.sort === 'start' ? nodes : [...nodes].sort((a, b) => b.span.duration - a.span.duration)
}

/** The rows of the next sibling, or of the run that it begins; what is shown below it. */
function step(level: Level, shown: Shown, rows: Row[]): Level | null {
  const node = level.nodes[level.next] as Node
  if (level.parent && level.next >= level.plainUntil) {
    if (shown.sort === 'start') tellGap(level, level.parent, node, shown, rows)
    const length = alike(level.nodes, level.next)
    if (length >= ALIKE_MOST) return fold(level, length, shown, rows)
    level.plainUntil = level.next + length
  }
  const isOpen = !shown.closed.has(node.span.id)
  rows.push({ kind: 'span', id: node.span.id, node, depth: node.depth, isOpen })
  level.next += 1
  level.end = Math.max(level.end, endOf(node))
  return isOpen && node.children.length ? levelOf(node, sorted(node.children, shown)) : null
}

const endOf = ({ span }: Node): number => span.start + span.duration

function tellGap(level: Level, parent: Node, node: Node, shown: Shown, rows: Row[]): void {
  const duration = node.span.start - level.end
  if (isGap(duration, parent, shown))
    rows.push({ kind: 'gap', id: `gap-${node.span.id}`, depth: node.depth, start: level.end, duration })
}

/** So many alike siblings as one row; themselves, where it is open. */
function fold(level: Level, length: number, shown: Shown, rows: Row[]): Level | null {
  const nodes = level.nodes.slice(level.next, level.next + length)
  const group = groupOf(nodes, shown)
  rows.push(group)
  level.next += length
  level.end = Math.max(level.end, group.end)
  return group.isOpen ? levelOf(null, nodes) : null
}

function isGap(gap: number, parent: Node, shown: Shown): boolean {
  return gap >= GAP_LEAST && gap >= parent.span.duration * GAP_LEAST_SHARE && gap >= shown.total * 0.02
}

/** How many siblings from this one on say the same and have nothing below or beside them; 1 for itself alone. */
function alike(nodes: readonly Node[], from: number): number {
  const first = nodes[from] as Node
  let at = from + 1
  if (!isPlain(first)) return 1
  for (; at < nodes.length; at++) {
    const node = nodes[at] as Node
    if (!isPlain(node) || node.span.op !== first.span.op || node.span.description !== first.span.description) break
  }
  return at - from
}

const isPlain = (node: Node): boolean => node.children.length === 0 && node.events.length === 0

function groupOf(nodes: readonly Node[], shown: Shown): Extract<Row, { kind: 'group' }> {
  const first = nodes[0] as Node
  const id = `group-${first.span.id}`
  return {
    kind: 'group',
    id,
    nodes,
    depth: first.depth,
    isOpen: shown.opened.has(id),
    start: Math.min(...nodes.map((node) => node.span.start)),
    end: Math.max(...nodes.map(endOf)),
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
