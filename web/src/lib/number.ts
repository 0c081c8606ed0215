/** Numbers as people read them; the exact one belongs into the tooltip. */

/** `12,345`. */
export function full(value: number): string {
  if (Number.isSafeInteger(value)) return String(value).replace(/\B(?=(\d{3})+$)/g, ',')
  // the first that a page makes of `Intl` takes 20 ms, which counts do not need
  return value.toLocaleString('en')
}

/** `999`, `1.2k`, `34k`, `5.6M`: at most four characters and a unit. */
export function short(value: number): string {
  const size = Math.abs(value)
  if (size < 1_000) return String(Math.round(value))
  for (const [unit, factor] of [
    ['k', 1e3],
    ['M', 1e6],
    ['G', 1e9],
  ] as const) {
    const scaled = value / factor
    if (Math.abs(scaled) < 999.5)
      return `${Math.abs(scaled) < 9.95 ? trim(scaled.toFixed(1)) : Math.round(scaled)}${unit}`
  }
  return value.toExponential(1)
}

function trim(text: string): string {
  return text.replace(/\.0$/, '')
}

/** `512 B`, `1.4 kB`, `23 MB` (powers of 1000). */
export function bytes(value: number): string {
  if (value < 1_000) return `${value} B`
  return short(value).replace(/([\d.]+)([kMG])?/, '$1 $2') + 'B'
}

export function percent(part: number, whole: number): string {
  if (whole <= 0) return '0 %'
  const share = (part / whole) * 100
  if (share > 0 && share < 1) return '< 1 %'
  return `${Math.round(share)} %`
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${full(count)} ${count === 1 ? one : many}`
}
