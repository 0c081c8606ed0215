/**
 * The query language as the box shows it: text into tokens with places, and text edits that keep what
 * people typed. The server's parser decides; this one only has to agree on where a token starts and ends.
 */

export type TokenKind = 'filter' | 'free' | 'and' | 'or' | 'open' | 'close' | 'space'

export interface Token {
  kind: TokenKind
  start: number
  end: number
  text: string
  negated: boolean
  /** of filters: the key without quotes or `tags[…]`, and the raw value behind the colon */
  key: string
  value: string
  /** why the server will refuse it, as far as can be seen from here */
  error: string | null
}

/** Tokens of a query, spaces included, so that their texts joined give the query back. */
export function tokenize(query: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < query.length) {
    const token = next(query, at)
    tokens.push(token)
    at = token.end
  }
  return balanced(tokens)
}

function next(query: string, start: number): Token {
  const blank = /^\s+/.exec(query.slice(start))?.[0]
  if (blank) return token('space', query, start, start + blank.length)
  if (query[start] === '(') return token('open', query, start, start + 1)
  if (query[start] === ')') return token('close', query, start, start + 1)
  const end = wordEnd(query, start)
  const text = query.slice(start, end)
  if (/^and$/i.test(text)) return token('and', query, start, end)
  if (/^or$/i.test(text)) return token('or', query, start, end)
  return filter(query, start, end) ?? { ...token('free', query, start, end), error: quoteError(text) }
}

function token(kind: TokenKind, query: string, start: number, end: number): Token {
  return { kind, start, end, text: query.slice(start, end), negated: false, key: '', value: '', error: null }
}

/** End of the word at `start`: blanks and parentheses inside quotes or brackets belong to it. */
function wordEnd(query: string, start: number): number {
  let at = start
  let quoted = false
  let depth = 0
  for (; at < query.length; at++) {
    const char = query[at]
    if (char === '\\') at++
    else if (char === '"') quoted = !quoted
    else if (quoted) continue
    else if (char === '[') depth++
    else if (char === ']') depth = Math.max(0, depth - 1)
    else if (depth > 0) continue
    else if (char === '(' && /\w$/.test(query.slice(start, at))) depth = -1
    else if (char === ')' && depth === -1) depth = 0
    else if (char === '(' || char === ')' || /\s/.test(char ?? '')) break
  }
  return Math.min(at, query.length)
}

const FILTER = /^(!?)(tags\[[^\]]+\]|flags\["[^"]+"\]|"[^"]+"|[A-Za-z_][\w.\-/]*(?:\([^)]*\))?):([\s\S]*)$/

function filter(query: string, start: number, end: number): Token | null {
  const found = FILTER.exec(query.slice(start, end))
  if (!found) return null
  const [, bang = '', rawKey = '', value = ''] = found
  if (/^\/\//.test(value)) return null
  const key = rawKey.replace(/^tags\[([^,\]]+).*\]$/, '$1').replace(/^"(.*)"$/, '$1')
  return { ...token('filter', query, start, end), negated: bang === '!', key, value, error: valueError(key, value) }
}

function valueError(key: string, value: string): string | null {
  if (value === '') return `${key}: needs a value`
  if (value.startsWith('[') && !value.endsWith(']')) return 'the list is not closed with ]'
  return quoteError(value)
}

function quoteError(text: string): string | null {
  const quotes = text.replace(/\\./g, '').split('"').length - 1
  return quotes % 2 ? 'the quote is not closed' : null
}

function balanced(tokens: Token[]): Token[] {
  const open: Token[] = []
  for (const one of tokens) {
    if (one.kind === 'open') open.push(one)
    else if (one.kind === 'close' && !open.pop()) one.error = 'nothing is open here'
  }
  for (const one of open) one.error = 'this is never closed'
  return tokens
}

/** A value as it must be written behind a colon. */
export function quoted(value: string): string {
  if (value !== '' && !/[\s"():,[\]]/.test(value)) return value
  return `"${value.replace(/(["\\])/g, '\\$1')}"`
}

/** The value of a filter, unquoted; a list gives its members. */
export function values(value: string): string[] {
  if (value.startsWith('[') && value.endsWith(']')) return splitList(value.slice(1, -1)).map(unquoted)
  return [unquoted(value)]
}

function splitList(text: string): string[] {
  return (text.match(/"(?:\\.|[^"])*"|[^,]+/g) ?? []).map((part) => part.trim()).filter(Boolean)
}

function unquoted(text: string): string {
  return /^".*"$/s.test(text) ? text.slice(1, -1).replace(/\\(.)/g, '$1') : text
}

/** The values a query asks of a key, without the negated ones. */
export function asked(query: string, key: string): string[] {
  return filters(query, key)
    .filter((one) => !one.negated)
    .flatMap((one) => values(one.value))
}

function filters(query: string, key: string): Token[] {
  return tokenize(query).filter((one) => one.kind === 'filter' && one.key === key)
}

/** The query with `key:value` in place of every other filter on that key; null takes the key out. */
export function withFilter(query: string, key: string, value: string | null): string {
  let rest = query
  for (const one of filters(query, key).reverse()) rest = rest.slice(0, one.start) + rest.slice(one.end)
  rest = rest.replace(/\s+/g, ' ').trim()
  if (value === null) return rest
  const written = `${key}:${quoted(value)}`
  return rest ? `${rest} ${written}` : written
}

/** The query with one more filter, once. */
export function plusFilter(query: string, key: string, value: string, negated = false): string {
  const written = `${negated ? '!' : ''}${key}:${quoted(value)}`
  if (tokenize(query).some((one) => one.text === written)) return query
  return query.trim() ? `${query.trim()} ${written}` : written
}

/** The token the caret is in or behind, and what is typed of it so far. */
export function at(query: string, caret: number): { token: Token | null; prefix: string } {
  const token = tokenize(query).find((one) => one.kind !== 'space' && one.start < caret && caret <= one.end) ?? null
  return { token, prefix: token ? query.slice(token.start, caret) : '' }
}

/** The place in a list of `count` after a step of 1 or -1, round and round; -1 is none, before the first and after the last. */
export function stepped(chosen: number, step: number, count: number): number {
  return chosen < 0 && step < 0 ? count - 1 : (chosen + step + count) % count
}
