/** Paints at once, and again when the canvas changes its size or the page its theme. Gives back the end of it. */
export function paintAgain(canvas: HTMLCanvasElement, paint: (why: 'size' | 'theme') => void): () => void {
  const sizes = new ResizeObserver(() => paint('size')) // which also tells of the size it begins with
  sizes.observe(canvas)
  const recolour = () => paint('theme')
  const themes = new MutationObserver(recolour)
  themes.observe(document.documentElement, { attributeFilter: ['data-theme'] })
  const scheme = matchMedia('(prefers-color-scheme: dark)')
  scheme.addEventListener('change', recolour)
  return () => {
    sizes.disconnect()
    themes.disconnect()
    scheme.removeEventListener('change', recolour)
  }
}
