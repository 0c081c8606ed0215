/** The rows of a trace's tree from top to bottom: spans, runs of alike siblings as one, and time nobody measured. Kept as
 * numbers; a row is made when it is looked at. Pure. */
import type { Node, Tree } from './tree'

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

export class Rows implements Iterable<Row> {
  readonly depths: number[] = []
  /** of each row its span's place; of a run its first one's, of a gap that of the span after it */
  readonly places: number[] = []
  readonly #runs = new Map<number, ArrayLike<number>>()
  readonly #gaps = new Map<number, number>()
  readonly #made: Row[] = []

  constructor(
    readonly tree: Tree,
    readonly shown: Shown,
  ) {}

  get length(): number {
    return this.places.length
  }

  add(place: number): void {
    this.places.push(place)
    this.depths.push(this.tree.depth[place] as number)
  }
  addRun(places: ArrayLike<number>): void {
    this.#runs.set(this.length, places)
    this.add(places[0] as number)
  }
  /** Time from `start` until the span begins. */
  addGap(start: number, place: number): void {
    this.#gaps.set(this.length, start)
    this.add(place)
  }

  isSpan(at: number): boolean {
    return !this.#gaps.has(at) && !this.#runs.has(at)
  }

  at(at: number): Row | undefined {
    return at >= 0 && at < this.length ? (this.#made[at] ??= this.#make(at)) : undefined
  }
  slice(from: number, to: number): Row[] {
    const rows: Row[] = []
    for (let at = from; at < Math.min(to, this.length); at++) rows.push(this.at(at) as Row)
    return rows
  }
  *[Symbol.iterator](): Iterator<Row> {
    for (let at = 0; at < this.length; at++) yield this.at(at) as Row
  }
  /** Where the row with this id is; -1 if it is not. */
  indexOf(id: string): number {
    for (let at = 0; at < this.length; at++) if (this.at(at)?.id === id) return at
    return -1
  }

  #make(at: number): Row {
    const place = this.places[at] as number
    const depth = this.depths[at] as number
    const [run, gap] = [this.#runs.get(at), this.#gaps.get(at)]
    if (run) return groupOf(this.tree, run, this.shown)
    const node = this.tree.node(place)
    const { id, start } = node.span
    if (gap !== undefined) return { kind: 'gap', id: `gap-${id}`, depth, start: gap, duration: start - gap }
    return { kind: 'span', id, node, depth, isOpen: isOpen(this.tree, place, this.shown) }
  }
}

function isOpen(tree: Tree, place: number, { closed }: Shown): boolean {
  return closed.size === 0 || !closed.has(tree.source.idAt(place))
}

const groupId = (tree: Tree, first: number): string => `group-${tree.source.idAt(first)}`

function groupOf(tree: Tree, places: ArrayLike<number>, { opened }: Shown): Row {
  const nodes = Array.from(places, (place) => tree.node(place))
  const id = groupId(tree, places[0] as number)
  return {
    kind: 'group',
    id,
    nodes,
    depth: (nodes[0] as Node).depth,
    isOpen: opened.has(id),
    start: Math.min(...nodes.map(({ span }) => span.start)),
    end: Math.max(...nodes.map(({ span }) => span.start + span.duration)),
    sum: nodes.reduce((sum, { span }) => sum + span.duration, 0),
  }
}

/** Siblings on the way down: the next of them, where time is told of up to, and how far a run that shows as itself goes. */
interface Level {
  /** null where siblings show as they are: roots, and the alike of an opened group */
  parent: number | null
  places: ArrayLike<number>
  next: number
  last: number
  end: number
  plainUntil: number
}

const asTheyAre = (places: ArrayLike<number>): Level => ({
  parent: null,
  places,
  next: 0,
  last: places.length,
  end: 0,
  plainUntil: places.length,
})

function levelBelow(tree: Tree, parent: number, sort: Shown['sort']): Level {
  const [next, last] = [tree.from[parent] as number, tree.from[parent + 1] as number]
  const end = tree.source.start[parent] as number
  const level = { parent, places: tree.children, next, last, end, plainUntil: next }
  if (sort === 'start') return level
  const places = longestFirst(tree, Array.from(tree.children.subarray(next, last)))
  return { ...level, places, next: 0, last: places.length, plainUntil: 0 }
}

function longestFirst({ source: { duration } }: Tree, places: readonly number[]): number[] {
  return [...places].sort((a, b) => (duration[b] as number) - (duration[a] as number))
}

export function rowsOf(tree: Tree, shown: Shown): Rows {
  const rows = new Rows(tree, shown)
  const levels = [asTheyAre(shown.sort === 'start' ? tree.tops : longestFirst(tree, tree.tops))]
  for (let level; (level = levels[levels.length - 1]);) {
    if (level.next === level.last) levels.pop()
    else {
      const below = step(level, rows)
      if (below) levels.push(below)
    }
  }
  return rows
}

/** The rows of the next sibling, or of the run that it begins; what is shown below it. */
function step(level: Level, rows: Rows): Level | null {
  const { tree, shown } = rows
  const place = level.places[level.next] as number
  if (level.parent !== null && level.next >= level.plainUntil) {
    if (isGap(tree, level.end, place, level.parent, shown)) rows.addGap(level.end, place)
    const length = alike(tree, level)
    if (length >= ALIKE_MOST) return fold(level, length, rows)
    level.plainUntil = level.next + length
  }
  rows.add(place)
  level.next += 1
  level.end = Math.max(level.end, endOf(tree, place))
  if (tree.from[place] === tree.from[place + 1] || !isOpen(tree, place, shown)) return null
  return levelBelow(tree, place, shown.sort)
}

const endOf = ({ source: { start, duration } }: Tree, place: number): number =>
  (start[place] as number) + (duration[place] as number)

/** So many alike siblings as one row; themselves, where it is open. */
function fold(level: Level, length: number, rows: Rows): Level | null {
  const places = Array.from({ length }, (_, at) => level.places[level.next + at] as number)
  rows.addRun(places)
  level.next += length
  for (const place of places) level.end = Math.max(level.end, endOf(rows.tree, place))
  return rows.shown.opened.has(groupId(rows.tree, places[0] as number)) ? asTheyAre(places) : null
}

function isGap(tree: Tree, end: number, place: number, parent: number, { sort, total }: Shown): boolean {
  const { start, duration } = tree.source
  const gap = (start[place] as number) - end
  return (
    gap >= GAP_LEAST &&
    sort === 'start' &&
    gap >= (duration[parent] as number) * GAP_LEAST_SHARE &&
    gap >= total * 0.02
  )
}

/** How many siblings from the next on say the same and have nothing below or beside them; 1 for itself alone. */
function alike(tree: Tree, { places, next, last }: Level): number {
  const first = places[next] as number
  if (!tree.isPlain(first)) return 1
  let at = next + 1
  for (; at < last; at++) {
    const place = places[at] as number
    if (!tree.source.isAlike(place, first) || !tree.isPlain(place)) break
  }
  return at - next
}

/** Of each row its place among its siblings, from 1, and how many they are. */
export interface Siblings {
  place: Int32Array
  of: Int32Array
}

/** The siblings in a tree that is written as a list. */
export function siblingsOf(depths: readonly number[]): Siblings {
  const [place, of] = [new Int32Array(depths.length), new Int32Array(depths.length)]
  const before: number[] = [] // by depth, how many siblings came by; a row ends what lies deeper
  for (let at = 0; at < depths.length; at++) {
    const depth = depths[at] as number
    before.length = depth + 1
    place[at] = before[depth] = (before[depth] ?? 0) + 1
  }
  const last: number[] = [] // backwards: by depth, the place of the last sibling
  for (let at = depths.length - 1; at >= 0; at--) {
    const depth = depths[at] as number
    last.length = depth + 1
    of[at] = last[depth] ??= place[at] as number
  }
  return { place, of }
}
