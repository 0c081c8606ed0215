/** Spans hung below each other, in numbers: a span is the place it has among all, by their start. What is looked at as
 * an object, a span or a node, is made then: a page shows some dozens of thousands. Pure. */
import type { Span, TraceEvent } from './trace'

// of a span's parent, in the place of its place
export const NONE = -1
export const ELSEWHERE = -2

/** What a tree needs to know of its spans, which come by their start, of those the longest first. */
export interface Source {
  readonly length: number
  /** microseconds since the trace's start */
  readonly start: ArrayLike<number>
  readonly duration: ArrayLike<number>
  /** place of each span's parent, NONE, or ELSEWHERE where it has one that is not here */
  readonly above: ArrayLike<number>
  /** whether two say the same */
  isAlike(one: number, other: number): boolean
  idAt(place: number): string
  span(place: number): Span
}

const NO_EVENTS: readonly TraceEvent[] = []
const UNPLACED = -1 // the depth of a span that no root leads to yet

/** Each span once, whatever the parents say. */
export class Tree {
  readonly depth: Int32Array
  /** spans below each, itself not counted */
  readonly below: Int32Array
  /** the children of one span after those of another, by start; `from` has where each span's begin, one more the end */
  readonly children: Int32Array
  readonly from: Int32Array
  /** places of the roots, by start */
  readonly tops: number[] = []
  readonly #events = new Map<number, readonly TraceEvent[]>()
  readonly #nodes: Node[] = []
  #spans: readonly Span[] | undefined
  #roots: readonly Node[] | undefined

  constructor(
    readonly source: Source,
    events: readonly TraceEvent[] = [],
  ) {
    const { length } = source
    this.depth = new Int32Array(length).fill(UNPLACED)
    this.below = new Int32Array(length)
    this.children = new Int32Array(length)
    this.from = new Int32Array(length + 1)
    if (events.length) this.#mark(events)
    this.#hang()
  }

  get length(): number {
    return this.source.length
  }
  get spans(): readonly Span[] {
    return (this.#spans ??= Array.from({ length: this.length }, (_, place) => this.node(place).span))
  }
  get roots(): readonly Node[] {
    return (this.#roots ??= this.tops.map((place) => this.node(place)))
  }

  node(place: number): Node {
    return (this.#nodes[place] ??= new Node(this, place))
  }

  eventsAt(place: number): readonly TraceEvent[] {
    return this.#events.get(place) ?? NO_EVENTS
  }

  /** Whether it has nothing below or beside it. */
  isPlain(place: number): boolean {
    return this.from[place] === this.from[place + 1] && !this.#events.has(place)
  }

  /** Gives the spans their events. */
  #mark(events: readonly TraceEvent[]): void {
    const bySpan = new Map<string, TraceEvent[]>()
    for (const event of events) bySpan.set(event.span_id ?? '', [...(bySpan.get(event.span_id ?? '') ?? []), event])
    for (let place = 0; place < this.length; place++) {
      const found = bySpan.get(this.source.idAt(place))
      if (found) this.#events.set(place, found)
    }
  }

  #hang(): void {
    const { length, tops, below } = this
    const given = this.source.above
    const above = new Int32Array(length)
    for (let place = 0; place < length; place++) {
      const at = given[place] as number
      above[place] = at === place || at < 0 ? NONE : at
      if (above[place] === NONE) tops.push(place)
    }
    this.#list(above)
    const order = new Int32Array(length)
    let placed = 0
    for (const top of tops) placed = this.#settle(top, above, order, placed)
    if (placed < length) this.#open(above, order, placed)
    for (let at = length - 1; at >= 0; at--) {
      const place = order[at] as number
      const parent = above[place] as number
      if (parent !== NONE) below[parent]! += below[place]! + 1
    }
  }

  /** What is left goes in circles: the earliest of each is its root. */
  #open(above: Int32Array, order: Int32Array, settled: number): void {
    let placed = settled
    for (let place = 0; place < this.length; place++) {
      if (this.depth[place] !== UNPLACED) continue
      above[place] = NONE
      this.tops.push(place)
      placed = this.#settle(place, above, order, placed)
    }
    this.tops.sort((a, b) => a - b)
    this.#list(above)
  }

  /** Writes down the children of all. */
  #list(above: Int32Array): void {
    const { from, children } = this
    from.fill(0)
    for (let place = 0; place < above.length; place++) {
      const parent = above[place] as number
      if (parent !== NONE) from[parent + 1]! += 1
    }
    for (let place = 0; place < above.length; place++) from[place + 1]! += from[place]!
    const next = from.slice()
    for (let place = 0; place < above.length; place++) {
      const parent = above[place] as number
      if (parent !== NONE) children[next[parent]!++] = place
    }
  }

  /** Depths of all below a root, into `order` what is above before what is below. How many are in it then. */
  #settle(top: number, above: Int32Array, order: Int32Array, before: number): number {
    const { depth, from, children } = this
    let end = before
    depth[top] = 0
    order[end++] = top
    for (let at = before; at < end; at++) {
      const place = order[at] as number
      for (let next = from[place]!; next < from[place + 1]!; next++) {
        const child = children[next] as number
        if (above[child] !== place) continue // cut off, as the root of a circle
        depth[child] = depth[place]! + 1
        order[end++] = child
      }
    }
    return end
  }
}

export class Node {
  readonly span: Span
  readonly depth: number
  readonly isOrphan: boolean
  readonly events: readonly TraceEvent[]
  /** spans below, itself not counted */
  readonly below: number
  readonly #tree: Tree
  readonly #place: number
  #children: readonly Node[] | undefined

  constructor(tree: Tree, place: number) {
    this.#tree = tree
    this.#place = place
    this.span = tree.source.span(place)
    this.depth = tree.depth[place] ?? 0
    this.isOrphan = tree.source.above[place] === ELSEWHERE
    this.events = tree.eventsAt(place)
    this.below = tree.below[place] ?? 0
  }

  get children(): readonly Node[] {
    const { from, children } = this.#tree
    const places = (): Int32Array => children.subarray(from[this.#place], from[this.#place + 1])
    return (this.#children ??= Array.from(places(), (place) => this.#tree.node(place)))
  }
}
