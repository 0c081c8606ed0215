/** SQL in lines, for reading. It breaks where clauses begin and leaves all words as they are. */

const CLAUSES =
  /^(SELECT|FROM|WHERE|GROUP\s+BY|ORDER\s+BY|HAVING|LIMIT|OFFSET|VALUES|SET|RETURNING|UNION(?:\s+ALL)?|EXCEPT|INTERSECT|ON\s+CONFLICT|WINDOW|FOR\s+UPDATE)\b/i
const JOINS = /^((?:(?:LEFT|RIGHT|FULL|INNER|CROSS|NATURAL)\s+(?:OUTER\s+)?)?JOIN)\b/i
const LINKS = /^(AND|OR)\b/i
const QUOTED = /^('(?:[^'\\]|''|\\.)*'?|"(?:[^"]|"")*"?|`[^`]*`?)/
const BETWEEN = /^BETWEEN\b/i
const WORD = /^[\w$.]+/

const INDENT = '  '

/** The text in lines; a bracket goes over lines only where a query is in it. */
export function formatSql(text: string): string {
  const source = text.trim()
  const lines: string[] = []
  /** of each open bracket, whether a query stands in it */
  const open: boolean[] = []
  let [line, at, isBetween] = ['', 0, false]
  const depth = () => open.filter(Boolean).length
  const isInline = () => open.at(-1) === false
  const flush = (next = '') => {
    if (line.trim()) lines.push(line.trimEnd())
    line = next
  }
  while (at < source.length) {
    const rest = source.slice(at)
    const found = piece(rest)
    if (!isInline() && (found.kind === 'clause' || found.kind === 'join')) flush(INDENT.repeat(depth()))
    if (!isInline() && found.kind === 'link' && !isBetween) flush(INDENT.repeat(depth() + 1))
    if (found.kind === 'link') isBetween = false
    if (found.kind === 'between') isBetween = true
    if (found.text === '(') open.push(/^\(\s*SELECT\b/i.test(rest))
    if (found.text === ')' && open.pop()) flush(INDENT.repeat(depth()))
    line += found.kind === 'space' ? (line.trim() ? ' ' : '') : found.text
    at += found.text.length
  }
  flush()
  return lines.join('\n')
}

interface Piece {
  kind: 'clause' | 'join' | 'link' | 'between' | 'space' | 'other'
  text: string
}

function piece(rest: string): Piece {
  const kinds = [
    ['space', /^\s+/],
    ['clause', CLAUSES],
    ['join', JOINS],
    ['link', LINKS],
    ['between', BETWEEN],
    ['other', QUOTED],
    ['other', WORD],
  ] as const
  for (const [kind, pattern] of kinds) {
    const text = pattern.exec(rest)?.[0]
    if (text) return { kind, text }
  }
  return { kind: 'other', text: rest.charAt(0) }
}

/** Whether a text is SQL, and not the command of another store. */
export function isSql(text: string): boolean {
  return /^\s*(SELECT|INSERT|UPDATE|DELETE|WITH|MERGE|CREATE|ALTER|DROP|REPLACE|EXPLAIN)\b/i.test(text)
}
