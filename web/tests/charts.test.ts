import { fireEvent, render } from '@testing-library/svelte'
import { describe, expect, it, vi } from 'vitest'
import Lines from '../src/parts/Lines.svelte'

const POINTS: [number, number | null][] = [
  [0, 4],
  [1_000, null],
  [2_000, 2],
  [3_000, 3],
]

function chart(onrange?: (start: number, end: number) => void) {
  const { container } = render(Lines, {
    props: {
      lines: [{ name: '', points: POINTS }],
      label: 'p95',
      format: String,
      ...(onrange ? { onrange } : {}),
    },
  })
  const svg = container.querySelector('svg') as SVGSVGElement
  svg.getBoundingClientRect = () => ({ left: 0, top: 0, width: 100, height: 48 }) as DOMRect
  svg.setPointerCapture = () => undefined
  return { container, svg }
}

async function drag(svg: SVGSVGElement, from: number, to: number) {
  await fireEvent.pointerDown(svg, { clientX: from, clientY: 10, button: 0 })
  await fireEvent.pointerMove(svg, { clientX: to, clientY: 10 })
  await fireEvent.pointerUp(svg, { clientX: to, clientY: 10 })
}

describe('lines', () => {
  it('show a value without neighbours as a dot, and leave the gap', () => {
    const path = chart().container.querySelector('.line')?.getAttribute('d')
    expect(path).toMatch(/^M0\.00 [\d.]+h0M66\.67 [\d.]+L100\.00 [\d.]+$/)
  })
  it('give the range that was drawn on them, whichever way', async () => {
    const onrange = vi.fn()
    await drag(chart(onrange).svg, 98, 1)
    expect(onrange).toHaveBeenCalledWith(0, 3_000)
  })
  it('take a click for no range', async () => {
    const onrange = vi.fn()
    await drag(chart(onrange).svg, 50, 50)
    expect(onrange).not.toHaveBeenCalled()
  })
})
