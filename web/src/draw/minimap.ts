/** The whole trace on one strip: every span a line, the window that is shown, and a brush to choose another. */
export interface Line {
  /** shares of the whole, 0 to 1 */
  from: number
  to: number
  depth: number
  colour: string
}

export interface Brush {
  from: number
  to: number
}

const LINE = 2

/** Paints into the canvas and follows the pointer; gives back the end of it. `chosen` gets shares of the whole. */
export function minimap(
  canvas: HTMLCanvasElement,
  lines: readonly Line[],
  shown: Brush,
  chosen: (brush: Brush | null) => void,
): () => void {
  let from: number | null = null
  const share = (event: PointerEvent): number => {
    const box = canvas.getBoundingClientRect()
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width))
  }
  const draw = (brush: Brush): void => paint(canvas, lines, brush)
  const down = (event: PointerEvent): void => {
    from = share(event)
    canvas.setPointerCapture(event.pointerId)
  }
  const move = (event: PointerEvent): void => {
    if (from !== null) draw(ordered(from, share(event)))
  }
  const up = (event: PointerEvent): void => {
    if (from === null) return
    const brush = ordered(from, share(event))
    from = null
    chosen(brush.to - brush.from < 0.004 ? null : brush)
  }
  const resized = new ResizeObserver(() => draw(shown))
  canvas.addEventListener('pointerdown', down)
  canvas.addEventListener('pointermove', move)
  canvas.addEventListener('pointerup', up)
  resized.observe(canvas)
  draw(shown)
  return () => {
    canvas.removeEventListener('pointerdown', down)
    canvas.removeEventListener('pointermove', move)
    canvas.removeEventListener('pointerup', up)
    resized.disconnect()
  }
}

const ordered = (a: number, b: number): Brush => ({ from: Math.min(a, b), to: Math.max(a, b) })

function paint(canvas: HTMLCanvasElement, lines: readonly Line[], shown: Brush): void {
  const context = canvas.getContext('2d')
  if (!context) return
  const scale = devicePixelRatio
  const width = canvas.clientWidth
  const height = canvas.clientHeight
  canvas.width = width * scale
  canvas.height = height * scale
  context.scale(scale, scale)
  const style = getComputedStyle(canvas)
  const most = Math.max(1, ...lines.map((line) => line.depth + 1))
  const step = Math.min(LINE * 2, height / most)
  for (const line of lines) {
    context.fillStyle = style.getPropertyValue(line.colour) || style.color
    context.fillRect(
      line.from * width,
      line.depth * step,
      Math.max(1, (line.to - line.from) * width),
      Math.min(LINE, step),
    )
  }
  context.fillStyle = style.getPropertyValue('--scrim')
  context.fillRect(0, 0, shown.from * width, height)
  context.fillRect(shown.to * width, 0, width - shown.to * width, height)
}
