/** Paints a grid of counts: the more, the stronger the ink. */
import type { Heat } from '../lib/explore/heat'
import { paintAgain } from './again'

/** Paints now and whenever it must be painted again. Gives back the end of it. */
export function paintHeat(canvas: HTMLCanvasElement, heat: Heat): () => void {
  return paintAgain(canvas, () => paintOnce(canvas, heat))
}

function paintOnce(canvas: HTMLCanvasElement, heat: Heat): void {
  const context = canvas.getContext('2d')
  if (!context) return
  const [width, height] = [canvas.clientWidth, canvas.clientHeight]
  canvas.width = width * devicePixelRatio
  canvas.height = height * devicePixelRatio
  context.scale(devicePixelRatio, devicePixelRatio)
  context.clearRect(0, 0, width, height)
  context.fillStyle = getComputedStyle(canvas).color
  const [cellWidth, cellHeight] = [width / heat.times.length, height / heat.rows.length]
  const gap = cellWidth > 4 ? 1 : 0
  for (const [r, row] of heat.counts.entries()) {
    const y = height - (r + 1) * cellHeight
    for (const [c, count] of row.entries()) {
      if (!count) continue
      context.globalAlpha = strength(count, heat.most)
      context.fillRect(c * cellWidth, y, Math.max(1, cellWidth - gap), Math.max(1, cellHeight - 1))
    }
  }
}

/** From 0.12 for one to 1 for the most, by the logarithm: a rare slow span must not vanish beside a thousand. */
export function strength(count: number, most: number): number {
  return 0.12 + 0.88 * (Math.log1p(count) / Math.log1p(Math.max(1, most)))
}
