/** Tables as CSV that spreadsheets open without running anything. */

export function csv(rows: readonly Record<string, string | number>[]): string {
  const heads = Object.keys(rows[0] ?? {})
  return [heads.join(','), ...rows.map((row) => heads.map((head) => field(row[head] ?? '')).join(','))].join('\r\n')
}

/** A leading `=`, `+`, `-`, `@` would be a formula: event text is hostile, so it gets an apostrophe. */
function field(value: string | number): string {
  if (typeof value === 'number') return String(value)
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe
}
