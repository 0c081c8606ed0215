/** Web vitals: which there are, from where on they are good or poor, and how they read. */
import { duration } from '../time'

export type Vital = 'lcp' | 'inp' | 'cls' | 'fcp' | 'ttfb'
export type Band = 'good' | 'meh' | 'poor'

export const VITALS: readonly Vital[] = ['lcp', 'inp', 'cls', 'fcp', 'ttfb']
export const BANDS: readonly Band[] = ['good', 'meh', 'poor']

/** The field's public thresholds: up to the first is good, beyond the second poor. As in explore/functions.py. */
const LIMITS: Record<Vital, readonly [number, number]> = {
  lcp: [2500, 4000],
  inp: [200, 500],
  cls: [0.1, 0.25],
  fcp: [1800, 3000],
  ttfb: [800, 1800],
}

export function bandOf(vital: Vital, value: number): Band {
  const [good, poor] = LIMITS[vital]
  if (value <= good) return 'good'
  return value <= poor ? 'meh' : 'poor'
}

/** `2.50 s`, `0.12`: CLS has no unit. */
export function vitalText(vital: Vital, value: number): string {
  return vital === 'cls' ? value.toFixed(2) : value === 0 ? '0 ms' : duration(value)
}

/** A score of 0 to 1 as its band. */
export function scoreBand(score: number): Band {
  if (score >= 0.9) return 'good'
  return score >= 0.5 ? 'meh' : 'poor'
}

export function p75(vital: Vital): string {
  return `p75(measurements.${vital})`
}

export function countIn(vital: Vital, band: Band): string {
  return `count_web_vitals(measurements.${vital},${band})`
}

/** Shares of the bands, 0 to 1 in sum; null where nothing was measured. */
export function sharesOf(counts: readonly number[]): number[] | null {
  const total = counts.reduce((sum, one) => sum + one, 0)
  return total > 0 ? counts.map((one) => one / total) : null
}
