/** The pointer over a chart: where it is, and the part that is drawn with it. */

/** Shares of the chart, from its left and from its bottom, at least 0 and less than 1. */
export type Point = readonly [across: number, up: number]

const CLICK: Point = [0.005, 0.02] // a hand does not hold still: below, nothing was drawn

export class Brush {
  /** where the pointer is; null while it is elsewhere */
  over = $state.raw<Point | null>(null)
  /** the two ends of what is being drawn */
  drawn = $state.raw<readonly [Point, Point] | null>(null)
  readonly #chosen: (a: Point, b: Point) => void
  readonly #isOn: () => boolean

  /** `chosen` is told both ends when the pointer is let go; it judges by `isClick` what a mere click means. */
  constructor(chosen: (a: Point, b: Point) => void, isOn: () => boolean = () => true) {
    this.#chosen = chosen
    this.#isOn = isOn
  }

  readonly down = (event: PointerEvent): void => {
    if (!this.#isOn() || event.button !== 0) return
    ;(event.currentTarget as Element).setPointerCapture(event.pointerId)
    this.drawn = [placeIn(event), placeIn(event)]
  }

  readonly move = (event: PointerEvent): void => {
    this.over = placeIn(event)
    if (this.drawn) this.drawn = [this.drawn[0], this.over]
  }

  readonly up = (): void => {
    const ends = this.drawn
    this.drawn = null
    if (ends) this.#chosen(...ends)
  }

  readonly leave = (): void => {
    this.over = null
  }

  readonly cancel = (): void => {
    this.drawn = null
  }
}

/** Whether two ends are as near as those of a click; of a chart that has no height to choose from, across alone counts. */
export function isClick(a: Point, b: Point, ways: 'across' | 'both' = 'across'): boolean {
  return Math.abs(a[0] - b[0]) < CLICK[0] && (ways === 'across' || Math.abs(a[1] - b[1]) < CLICK[1])
}

function placeIn(event: PointerEvent): Point {
  const area = (event.currentTarget as Element).getBoundingClientRect()
  const share = (value: number): number => Math.max(0, Math.min(0.9999, value))
  return [share((event.clientX - area.left) / area.width), share(1 - (event.clientY - area.top) / area.height)]
}
