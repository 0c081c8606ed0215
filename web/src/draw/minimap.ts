/** The whole trace on one strip: every span a line, the window that is shown, and a brush to choose another. */
import type { Line } from '../lib/trace'
import { paintAgain } from './again'

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
  let later: ReturnType<typeof setTimeout> | undefined
  const end = paintAgain(canvas, (why) => {
    if (why === 'theme') kept.delete(lines)
    clearTimeout(later)
    later = setTimeout(() => draw(shown)) // in a task of its own, not in the middle of a frame
  })
  canvas.addEventListener('pointerdown', down)
  canvas.addEventListener('pointermove', move)
  canvas.addEventListener('pointerup', up)
  return () => {
    canvas.removeEventListener('pointerdown', down)
    canvas.removeEventListener('pointermove', move)
    canvas.removeEventListener('pointerup', up)
    clearTimeout(later)
    end()
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
  if (!canvas.width || !canvas.height) return
  context.drawImage(drawn(canvas, lines), 0, 0)
  context.scale(scale, scale)
  context.fillStyle = getComputedStyle(canvas).getPropertyValue('--scrim')
  context.fillRect(0, 0, shown.from * width, height)
  context.fillRect(shown.to * width, 0, width - shown.to * width, height)
}

/** The lines by themselves: a brush that moves over them leaves them as they are. */
const kept = new WeakMap<readonly Line[], HTMLCanvasElement>()

function drawn(canvas: HTMLCanvasElement, lines: readonly Line[]): HTMLCanvasElement {
  const known = kept.get(lines)
  if (known?.width === canvas.width && known.height === canvas.height) return known
  const sheet = document.createElement('canvas')
  sheet.width = canvas.width
  sheet.height = canvas.height
  const context = sheet.getContext('2d')
  if (context) drawLines(context, canvas, lines)
  kept.set(lines, sheet)
  return sheet
}

function drawLines(context: CanvasRenderingContext2D, canvas: HTMLCanvasElement, lines: readonly Line[]): void {
  const style = getComputedStyle(canvas)
  const [width, height] = [canvas.clientWidth, canvas.clientHeight]
  context.scale(devicePixelRatio, devicePixelRatio)
  const deepest = lines.reduce((most, line) => Math.max(most, line.depth + 1), 1)
  const step = Math.min(LINE * 2, height / deepest)
  for (const colour of [...new Set(lines.map((line) => line.colour))].sort(loudestLast)) {
    context.fillStyle = style.getPropertyValue(colour) || style.color
    const ends: number[] = [] // by row of pixels: what begins later and ends no further adds no pixel
    for (const line of lines) {
      if (line.colour !== colour) continue
      const top = Math.floor(line.depth * step)
      const left = line.from * width
      const right = Math.max(left + 1, line.to * width)
      if (right <= (ends[top] ?? -1) + 0.5) continue
      ends[top] = right
      context.fillRect(left, top, right - left, Math.max(1, Math.min(LINE, step)))
    }
  }
}

/** What failed is painted over what did not. */
const loudestLast = (a: string, b: string): number => Number(a === '--error') - Number(b === '--error')
