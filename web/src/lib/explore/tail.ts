/** Logs as they come in: which are kept, and which of them are on the screen. */
export interface LogLine {
  id: string
  timestamp: string
  severity: string
  message: string
  trace: string
  span_id: string
  project: string
  environment: string
  release: string
  attributes: Record<string, unknown>
  [key: string]: unknown
}

export interface TailNews {
  topic: 'logs'
  logs: LogLine[]
  leftOut: number
}

export const KEPT = 5_000
export const ON_SCREEN = 200

/** Newest first, `KEPT` of them. */
export function added(kept: readonly LogLine[], fresh: readonly LogLine[]): LogLine[] {
  return [...fresh.toReversed(), ...kept].slice(0, KEPT)
}

/** The rows that can be seen, with some above and below. */
export function seen(scrolled: number, height: number, row: number, count: number): { from: number; to: number } {
  const spare = 20
  const from = Math.max(0, Math.floor(scrolled / row) - spare)
  const to = Math.min(count, Math.ceil((scrolled + height) / row) + spare, from + ON_SCREEN)
  return { from, to }
}

/** The tone of a level: those of logs have other names than those of errors. */
export function toneOf(severity: string): string {
  return { warn: 'warning', trace: 'debug' }[severity] ?? severity
}
