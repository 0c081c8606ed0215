/** Spans of a trace: read from the answer's columns, laid out, searched. Pure. Keep in step with
 * src/vedette/tracing/waterfall.py. */
import { rowsOf, siblingsOf, UNTOUCHED, type Rows, type Siblings } from './rows'
import { ELSEWHERE, NONE, Tree, type Node, type Source } from './tree'
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

/** A trace as its page shows it: the tree, and its rows before anything is closed, opened or sorted. */
export interface Laid {
  tree: Tree
  rows: Rows
  siblings: Siblings
  /** microseconds */
  total: number
  /** their projects, in the order of their first spans */
  services: readonly string[]
}

/** What an answer holds, laid out in turns, so that a trace of thousands of spans never keeps the page from answering.
 * `extra`: answers about what lies below a span that the first had left out. */
export async function layOut(trace: FlatTrace, extra: readonly FlatTrace[], turns: Turns): Promise<Laid> {
  await turns.end()
  const source = extra.length ? listOf(together(trace, extra)) : new Columns(trace)
  await turns.next()
  const tree = new Tree(source, trace.events)
  await turns.next()
  const total = endOf(source)
  const rows = rowsOf(tree, { ...UNTOUCHED, total })
  await turns.next()
  const siblings = siblingsOf(rows.depths)
  await turns.end()
  const services = [...new Set([trace, ...extra].flatMap((one) => one.project.texts))]
  return { tree, rows, siblings, total, services }
}

/** The spans of some answers by start, each once. */
function together(trace: FlatTrace, extra: readonly FlatTrace[]): Span[] {
  const byId = new Map<string, Span>()
  for (const one of [trace, ...extra])
    for (const span of spansOf(one, Math.round((one.start - trace.start) * 1_000_000))) byId.set(span.id, span)
  return [...byId.values()].sort(byStart)
}

/** The spans of an answer, in its order; times count from `start` microseconds. */
export function spansOf(trace: FlatTrace, start = 0): Span[] {
  const columns = new Columns(trace, start)
  return trace.parent.map((_, place) => columns.span(place))
}

/** An answer as it came. */
class Columns implements Source {
  readonly length: number
  readonly start: Float64Array
  readonly duration: readonly number[]
  readonly above: Int32Array

  constructor(
    private readonly trace: FlatTrace,
    first = 0,
  ) {
    const { parent, start_us } = trace
    const { length } = parent
    const [start, above] = [new Float64Array(length), new Int32Array(length)]
    let at = first
    for (let place = 0; place < length; place++) {
      const parentAt = parent[place] as number
      start[place] = at += start_us[place] as number
      above[place] = parentAt < length ? parentAt : ELSEWHERE
    }
    this.length = length
    this.start = start
    this.duration = trace.duration_us
    this.above = above
  }

  isAlike(one: number, other: number): boolean {
    const { op, description } = this.trace
    return op.codes[one] === op.codes[other] && description.codes[one] === description.codes[other]
  }
  idAt(place: number): string {
    return idAt(this.trace, place)
  }
  span(place: number): Span {
    return new Read(this.trace, place, this.start[place] as number)
  }
}

const DIGITS = 16 // of an id

/** A span that reads its columns when it is asked. */
class Read implements Span {
  constructor(
    private readonly trace: FlatTrace,
    private readonly place: number,
    readonly start: number,
  ) {}

  get isSegment(): boolean {
    return this.trace.segments.includes(this.place)
  }
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

/** The tree of spans in any order. */
export function treeOf(spans: readonly Span[], events: readonly TraceEvent[] = []): Tree {
  return new Tree(listOf([...spans].sort(byStart)), events)
}

const byStart = (a: Span, b: Span): number => a.start - b.start || b.duration - a.duration

/** Spans by their start. */
function listOf(spans: readonly Span[]): Source {
  const places = new Map(spans.map(({ id }, place) => [id, place]))
  const at = (place: number): Span => spans[place] as Span
  return {
    length: spans.length,
    start: spans.map(({ start }) => start),
    duration: spans.map(({ duration }) => duration),
    above: spans.map(({ parent }) => (parent === '' ? NONE : (places.get(parent) ?? ELSEWHERE))),
    isAlike: (one, other) => at(one).op === at(other).op && at(one).description === at(other).description,
    idAt: (place) => at(place).id,
    span: at,
  }
}

// ── the whole at once ───────────────────────────────────────────────────────────────────

/** A span on the strip above the rows. */
export interface Line {
  /** shares of the whole, 0 to 1; lines come by their start */
  from: number
  to: number
  depth: number
  colour: string
}

const LINES_A_TURN = 500

/** A line for each span, made in turns; what has no row of its own lies below a root. `total`: microseconds. */
export async function linesOf(
  rows: Rows,
  total: number,
  colour: (span: Span) => string,
  turns: Turns,
): Promise<Line[]> {
  await turns.end()
  const { tree, depths, places } = rows
  const depthAt = new Int32Array(tree.length).fill(1)
  for (let at = 0; at < places.length; at++) if (rows.isSpan(at)) depthAt[places[at] as number] = depths[at] as number
  const lines: Line[] = []
  for (let place = 0; place < tree.length; place++) {
    if (place % LINES_A_TURN === 0) await turns.next()
    const span = tree.source.span(place)
    const [from, to] = [span.start / total, (span.start + span.duration) / total]
    lines.push({ from, to, depth: depthAt[place] as number, colour: isFailed(span) ? '--error' : colour(span) })
  }
  return lines
}

// ── what stands out ─────────────────────────────────────────────────────────────────────

const FINE = new Set(['', 'ok', 'cancelled', 'unknown'])

export function isFailed(span: Span): boolean {
  return !FINE.has(span.status)
}

/** End of a trace, microseconds since its start. */
export function lengthOf(spans: readonly Span[]): number {
  return spans.reduce((end, span) => Math.max(end, span.start + span.duration), 0)
}

/** The same of a tree's spans. */
function endOf({ length, start, duration }: Source): number {
  let end = 0
  for (let place = 0; place < length; place++)
    end = Math.max(end, (start[place] as number) + (duration[place] as number))
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
  const found = rowsOf(treeOf(spans), { ...UNTOUCHED, total: lengthOf(spans) })
  const rows = [...found].filter((row) => row.kind === 'span').map((row) => ({ span: row.node.span, depth: row.depth }))
  const at = rows.findIndex((row) => row.span.id === id)
  if (at < 0) return rows.slice(0, most)
  const above = new Set(ancestors(new Map(spans.map((span) => [span.id, span])), id).map((span) => span.id))
  const kept = rows.filter((row, i) => above.has(row.span.id) || (i >= at - 1 && i <= at + most))
  return kept.slice(0, Math.max(most, above.size + 1))
}
