/** Local variables and other data of an event as a typed tree. SDKs send Python values as their repr. */

export type Kind = 'string' | 'number' | 'boolean' | 'null' | 'list' | 'map' | 'object' | 'filtered' | 'omitted'

export interface Node {
  kind: Kind
  /** one line for the closed node */
  text: string
  children: [string, unknown][]
}

/** What a value is and how it reads in one line. Text that is a repr keeps its own quotes. */
export function node(value: unknown): Node {
  if (value === null || value === undefined) return leaf('null', 'null')
  if (typeof value === 'number') return leaf('number', String(value))
  if (typeof value === 'boolean') return leaf('boolean', String(value))
  if (typeof value === 'string') return textNode(value)
  if (Array.isArray(value)) {
    return { kind: 'list', text: `[${value.length}]`, children: value.map((one, i) => [String(i), one]) }
  }
  const entries = Object.entries(value as Record<string, unknown>)
  return { kind: 'map', text: `{${entries.length}}`, children: entries }
}

function leaf(kind: Kind, text: string): Node {
  return { kind, text, children: [] }
}

function textNode(text: string): Node {
  if (/^\[(Filtered|filtered|REDACTED)\]$|^\*{4,}$/.test(text)) return leaf('filtered', text)
  if (/^<[\w.]+( .*)?>$/s.test(text)) return leaf('object', text)
  if (/^(None|undefined|nil|null)$/.test(text)) return leaf('null', text)
  if (/^(True|False|true|false)$/.test(text)) return leaf('boolean', text)
  if (/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text)) return leaf('number', text)
  if (/^\.\.\.$|^…$/.test(text)) return leaf('omitted', text)
  return leaf('string', text)
}

/** Paths of a tree whose name or leaf text holds the words; with them every ancestor. */
export function search(value: unknown, words: string, path = '$', found = new Set<string>()): Set<string> {
  const low = words.toLowerCase()
  const { children, text } = node(value)
  if (!children.length && text.toLowerCase().includes(low)) found.add(path)
  for (const [name, child] of children) {
    const below = `${path}.${name}`
    if (name.toLowerCase().includes(low)) found.add(below)
    const before = found.size
    search(child, words, below, found)
    if (found.size > before) found.add(path)
    if (found.has(below)) found.add(path)
  }
  return found
}

/** The value as JSON text for the clipboard; plain text stays as it is. */
export function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2)
}
