/** Source lines in colours. Prism runs without touching the page: it only gives tokens, which we paint as text. */
import Prism from 'prismjs/components/prism-core'
import 'prismjs/components/prism-clike'
import 'prismjs/components/prism-markup'
import 'prismjs/components/prism-markup-templating'
import 'prismjs/components/prism-javascript'
import 'prismjs/components/prism-typescript'
import 'prismjs/components/prism-python'
import 'prismjs/components/prism-php'
import 'prismjs/components/prism-ruby'
import 'prismjs/components/prism-go'
import 'prismjs/components/prism-java'
import 'prismjs/components/prism-csharp'
import 'prismjs/components/prism-rust'
import type { Token, TokenStream } from 'prismjs'

export interface Piece {
  text: string
  /** token kind, empty for plain text */
  kind: string
}

/** Pieces of each line; a token that spans lines goes on in the next one. */
export function highlight(lines: readonly string[], language: string): Piece[][] {
  const grammar = Prism.languages[language] ?? Prism.languages['clike']
  const out: Piece[][] = [[]]
  const put = (text: string, kind: string) => {
    for (const [i, part] of text.split('\n').entries()) {
      if (i) out.push([])
      if (part) out[out.length - 1]?.push({ text: part, kind })
    }
  }
  const walk = (stream: TokenStream, kind: string) => {
    if (typeof stream === 'string') put(stream, kind)
    else if (Array.isArray(stream)) for (const one of stream) walk(one, kind)
    else walk((stream as Token).content, paint((stream as Token).type) || kind)
  }
  walk(grammar ? Prism.tokenize(lines.join('\n'), grammar) : lines.join('\n'), '')
  return lines.map((_, i) => out[i] ?? [])
}

const PAINTS: Record<string, string> = {
  keyword: 'keyword',
  boolean: 'number',
  number: 'number',
  constant: 'number',
  string: 'string',
  'triple-quoted-string': 'string',
  'template-string': 'string',
  char: 'string',
  regex: 'string',
  symbol: 'string',
  comment: 'comment',
  function: 'name',
  'function-variable': 'name',
  'class-name': 'name',
  decorator: 'name',
  builtin: 'name',
}

function paint(type: string): string {
  return PAINTS[type] ?? ''
}
