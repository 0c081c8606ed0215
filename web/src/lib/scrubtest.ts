/** What a scrubbing rule would touch in an event that is already stored. */

/** How many text values of an event a pattern matches; null for a pattern that cannot be read. */
export function matches(event: unknown, pattern: string): number | null {
  let wanted: RegExp
  try {
    // (?i) at the front is how the server's patterns ignore case
    wanted = new RegExp(pattern.replace(/^\(\?i\)/, ''), pattern.startsWith('(?i)') ? 'i' : '')
  } catch {
    return null
  }
  return count(event, (text) => wanted.test(text))
}

/** How many values of an event were scrubbed when it came. */
export function scrubbed(event: unknown): number {
  return count(event, (text) => text === '[Filtered]' || /^\*{4,}$/.test(text))
}

function count(value: unknown, fits: (text: string) => boolean): number {
  if (typeof value === 'string') return fits(value) ? 1 : 0
  if (typeof value !== 'object' || value === null) return 0
  return Object.entries(value).reduce((sum, [key, one]) => (key === '_meta' ? sum : sum + count(one, fits)), 0)
}
